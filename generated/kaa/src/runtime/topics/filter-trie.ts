interface Node<T> {
  /** By the next level, `+` and `#` among them. */
  next?: Map<string, Node<T>>;
  /** Of the filter that ends here. */
  value?: T | undefined;
}

/**
 * Topic filters, each with a value, found by a topic that they match (MQTT 3.1.1 section 4.7): `+` stands for one level, `#` for
 * the parent and everything below it, and neither for a first level that begins with `$`. What that costs depends on the
 * topic's levels, not on how many filters there are.
 */
export class TopicFilterTrie<T> {
  #root: Node<T> = {};

  set(filter: string, value: T): void {
    let node = this.#root;
    for (const level of filter.split("/")) {
      const { next = (node.next = new Map<string, Node<T>>()) } = node;
      const child = next.get(level) ?? {};
      next.set(level, child);
      node = child;
    }
    node.value = value;
  }

  get(filter: string): T | undefined {
    let node: Node<T> | undefined = this.#root;
    for (const level of filter.split("/")) node = node?.next?.get(level);
    return node?.value;
  }

  delete(filter: string): void {
    prune(this.#root, filter.split("/"));
  }

  clear(): void {
    this.#root = {};
  }

  /** The values of all filters that match. A level `+` stands for any: then, of all that match a topic which the argument matches, too. */
  matching(topic: string): T[] {
    const levels = topic.split("/");
    const found: T[] = [];
    const take = (node: Node<T> | undefined): void => {
      if (node?.value !== undefined) found.push(node.value);
    };
    const visit = (node: Node<T> | undefined, index: number): void => {
      if (!node) return;
      const wild = index > 0 || !topic.startsWith("$");
      if (wild) take(node.next?.get("#"));
      const level = levels[index];
      if (level === undefined) return take(node);
      if (level === "+") {
        for (const [word, child] of node.next ?? []) if (word !== "#") visit(child, index + 1);
        return;
      }
      visit(node.next?.get(level), index + 1);
      if (wild) visit(node.next?.get("+"), index + 1);
    };
    visit(this.#root, 0);
    return found;
  }
}

/** Whether nothing is left of the node. */
function prune<T>(node: Node<T>, [level, ...rest]: readonly string[]): boolean {
  if (level === undefined) node.value = undefined;
  else {
    const child = node.next?.get(level);
    if (child && prune(child, rest)) node.next?.delete(level);
  }
  return node.value === undefined && !node.next?.size;
}
