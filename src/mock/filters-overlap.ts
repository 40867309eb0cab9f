/** Whether some topic matches both topic filters (MQTT 3.1.1 section 4.7). */
export function filtersOverlap(one: string, other: string): boolean {
  const [levels, others] = [one.split("/"), other.split("/")];
  for (let index = 0; ; index += 1) {
    const [level, otherLevel] = [levels[index], others[index]];
    // `#` stands for its parent, too.
    if (level === "#" || otherLevel === "#") return true;
    if (level === undefined || otherLevel === undefined) return level === otherLevel;
    if (level !== otherLevel && level !== "+" && otherLevel !== "+") return false;
  }
}
