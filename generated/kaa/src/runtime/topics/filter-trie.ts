interface Node<T> {
  /** Children by level; `+` and `#` are levels too. */
  children?: Map<string, Node<T>>;
  /** The value of the filter that ends at this node. */
  value?: T | undefined;
}

/**
 * A map from topic filters to values that finds all filters which match a topic (MQTT 3.1.1, section 4.7): `+` matches one level, `#`
 * the parent and everything below it, and neither matches a first level that starts with `$`. The cost of a match depends on the number
 * of levels, not on the number of filters.
 */
export class TopicFilterTrie<T> {
  #root: Node<T> = {};

  set(filter: string, value: T): void {
    let node = this.#root;
    for (const level of filter.split("/")) {
      const { children = (node.children = new Map<string, Node<T>>()) } = node;
      const child = children.get(level) ?? {};
      children.set(level, child);
      node = child;
    }
    node.value = value;
  }

  get(filter: string): T | undefined {
    let node: Node<T> | undefined = this.#root;
    for (const level of filter.split("/")) node = node?.children?.get(level);
    return node?.value;
  }

  delete(filter: string): void {
    prune(this.#root, filter.split("/"));
  }

  clear(): void {
    this.#root = {};
  }

  /** The values of all filters that match a topic. A level `+` of the argument matches any level of the filters. */
  match(topic: string): T[] {
    const levels = topic.split("/");
    const values: T[] = [];
    const addValueOf = (node: Node<T> | undefined): void => {
      if (node?.value !== undefined) values.push(node.value);
    };
    const visit = (node: Node<T> | undefined, index: number): void => {
      if (!node) return;
      const wild = index > 0 || !topic.startsWith("$");
      if (wild) addValueOf(node.children?.get("#"));
      const level = levels[index];
      if (level === undefined) return addValueOf(node);
      if (level === "+") {
        for (const [text, child] of node.children ?? []) if (text !== "#") visit(child, index + 1);
        return;
      }
      visit(node.children?.get(level), index + 1);
      if (wild) visit(node.children?.get("+"), index + 1);
    };
    visit(this.#root, 0);
    return values;
  }
}

/** Deletes the value at a path, and the nodes that it leaves empty. Returns whether the node itself is empty then. */
function prune<T>(node: Node<T>, [level, ...rest]: readonly string[]): boolean {
  if (level === undefined) node.value = undefined;
  else {
    const child = node.children?.get(level);
    if (child && prune(child, rest)) node.children?.delete(level);
  }
  return node.value === undefined && !node.children?.size;
}
