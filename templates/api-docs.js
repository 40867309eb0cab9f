(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const find = (selector, parent = document) => [...parent.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  // Light and dark: the reader's choice wins over the system's. A file: page may have no storage.
  const theme = byId("theme");
  const stored = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("topicsmith-theme", value);
      return localStorage.getItem("topicsmith-theme");
    } catch {
      return value ?? null;
    }
  };
  if (stored() !== null) root.dataset.theme = stored();
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const isDark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    root.dataset.theme = isDark ? "light" : "dark";
    stored(root.dataset.theme);
  });

  // The keyboard scrolls what has the focus.
  for (const table of find("table")) if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;

  const menu = byId("menu");
  const contents = byId("contents");
  const showMenu = (open) => {
    contents.classList.toggle("open", open);
    menu.setAttribute("aria-expanded", String(open));
  };
  menu.hidden = false;
  menu.addEventListener("click", () => showMenu(!contents.classList.contains("open")));

  for (const code of find(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    const select = () => {
      // Without the permission to copy, the text is selected for the reader.
      getSelection().selectAllChildren(code.querySelector("code"));
      document.execCommand("copy");
    };
    button.addEventListener("click", () => {
      const text = code.querySelector("code").textContent;
      if (navigator.clipboard) navigator.clipboard.writeText(text).catch(select);
      else select();
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    code.append(button);
  }

  // One tab for each kind of sample; the choice applies to all resources.
  const groups = find(".samples").map((samples, group) => {
    const panels = find(".sample", samples);
    const tabs = panels.map((panel, index) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `tab-${group}-${index}`;
      tab.setAttribute("role", "tab");
      panel.id = `panel-${group}-${index}`;
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.textContent = panel.dataset.title;
      tab.addEventListener("click", () => choose(panel.dataset.title));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        const next = tabs[(index + step + tabs.length) % tabs.length];
        next.click();
        next.focus();
      });
      return tab;
    });
    const list = document.createElement("div");
    list.className = "tabs";
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Kinds of examples");
    list.append(...tabs);
    samples.prepend(list);
    samples.classList.add("tabbed");
    return { panels, tabs };
  });
  const choose = (title) => {
    for (const { panels, tabs } of groups) {
      const wanted = Math.max(0, panels.findIndex((panel) => panel.dataset.title === title));
      tabs.forEach((tab, index) => {
        tab.setAttribute("aria-selected", String(index === wanted));
        tab.tabIndex = index === wanted ? 0 : -1;
        panels[index].hidden = index !== wanted;
      });
    }
  };
  choose("TypeScript");

  // Search: entries that contain all words stay, with their links.
  const search = byId("search");
  const found = byId("found");
  const entries = find(".entry").map((entry) => ({ entry, text: entry.textContent.toLowerCase() }));
  const links = new Map(find("a", contents).map((link) => [link.hash.slice(1), link]));
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { entry, text } of entries) {
      const matches = words.every((word) => text.includes(word));
      if (matches) count += 1;
      entry.hidden = !matches;
      const link = links.get(entry.id);
      if (link) link.parentElement.hidden = !matches;
    }
    for (const group of find("main > .group, nav section"))
      group.hidden = find(".entry, li", group).every((item) => item.hidden);
    found.textContent = words.length === 0 ? "" : `${count} ${count === 1 ? "match" : "matches"}`;
    if (words.length > 0) showMenu(true);
  };
  search.addEventListener("input", filter);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(?:INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      filter();
    }
  });

  // A link into a part that the search has hidden shows all again.
  const follow = () => {
    let id;
    try {
      id = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const target = byId(id);
    for (const [name, link] of links) {
      if (name === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (!target) return;
    if (target.closest("[hidden]")) {
      search.value = "";
      filter();
    }
    if (matchMedia("(max-width: 800px)").matches) showMenu(false);
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  if (location.hash !== "") follow();
})();
