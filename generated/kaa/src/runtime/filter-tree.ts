interface Node<T> {
  /** By the next level, `+` and `#` among them. */
  readonly next: Map<string, Node<T>>;
  /** Of the filters that end here, by their keys. */
  readonly values: Map<string, T>;
}

/**
 * Topic filters, found by a topic that they match (MQTT 3.1.1 section 4.7): `+` stands for one level, `#` for the parent and
 * everything below it, and neither for a first level that begins with `$`. What that costs depends on the topic's levels, not
 * on how many filters there are.
 */
export class FilterTree<T> {
  #root = newNode<T>();

  /** Puts a value under a filter; the key tells it from others under the same one. */
  set(filter: string, value: T, key = ""): void {
    let node = this.#root;
    for (const level of filter.split("/")) {
      const next = node.next.get(level) ?? newNode();
      node.next.set(level, next);
      node = next;
    }
    node.values.set(key, value);
  }

  delete(filter: string, key = ""): void {
    prune(this.#root, filter.split("/"), key);
  }

  clear(): void {
    this.#root = newNode();
  }

  /** The values of all filters that match. */
  matching(topic: string): T[] {
    const levels = topic.split("/");
    const found: T[] = [];
    const visit = (node: Node<T> | undefined, index: number): void => {
      if (!node) return;
      const wild = index > 0 || !topic.startsWith("$");
      if (wild) found.push(...(node.next.get("#")?.values.values() ?? []));
      const level = levels[index];
      if (level === undefined) return void found.push(...node.values.values());
      visit(node.next.get(level), index + 1);
      if (wild) visit(node.next.get("+"), index + 1);
    };
    visit(this.#root, 0);
    return found;
  }
}

function newNode<T>(): Node<T> {
  return { next: new Map(), values: new Map() };
}

/** Whether nothing is left of the node. */
function prune<T>(node: Node<T>, [level, ...rest]: readonly string[], key: string): boolean {
  if (level === undefined) node.values.delete(key);
  else {
    const next = node.next.get(level);
    if (next && prune(next, rest, key)) node.next.delete(level);
  }
  return node.next.size + node.values.size === 0;
}
