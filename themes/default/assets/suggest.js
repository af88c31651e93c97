// Suggestions under the search box: the combobox with a list of the ARIA Authoring Practices.
// Without this script the box is a plain one; choosing nothing and pressing Enter searches as ever.
const SHORTEST = 2;
const WAIT = 150;

for (const field of document.querySelectorAll("input[data-suggest]")) attach(field);

function attach(field) {
  const form = field.form;
  const list = document.createElement("ul");
  const said = document.createElement("p");
  const known = new Map();
  let options = [];
  let active = -1;
  let timer;
  let asking;

  list.className = "suggestions";
  list.id = `${field.id}-suggestions`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.suggestTitle);
  said.className = "vh";
  said.setAttribute("role", "status");
  form.append(list, said);
  // A search field may have no list of its own; this one looks the same.
  field.type = "text";
  field.inputMode = "search";
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    mark(-1);
  };

  const mark = (place) => {
    options[active]?.setAttribute("aria-selected", "false");
    active = place;
    const option = options[active];
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };

  const go = (address) => {
    const url = new URL(address, location.href);
    for (const kept of form.querySelectorAll("input[type=hidden]")) url.searchParams.append(kept.name, kept.value);
    location.assign(url);
  };

  const show = (items) => {
    options = items.map((item, place) => {
      const option = document.createElement("li");
      const part = (name, text, language) => {
        const span = document.createElement("span");
        span.className = name;
        span.textContent = text;
        if (language) span.lang = language;
        return span;
      };
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(part("suggestion-kind", item.kind_title), " ", part("suggestion-title", item.title, item.language));
      if (item.note) option.append(" ", part("suggestion-note", item.note));
      // The field keeps the focus: a press of the mouse must not take it away.
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => go(item["@id"]));
      return option;
    });
    list.replaceChildren(...options);
    active = -1;
    field.removeAttribute("aria-activedescendant");
    list.hidden = !options.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = options.length ? field.dataset.suggestCount.replace("{n}", options.length) : "";
    list.items = items;
  };

  const ask = async () => {
    const text = field.value.trim();
    if (text.length < SHORTEST) return close();
    if (known.has(text)) return show(known.get(text));
    asking?.abort();
    asking = new AbortController();
    try {
      const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
      const address = `${field.dataset.suggest}?${new URLSearchParams({ q: text })}`;
      const answer = await fetch(address, { headers, signal: asking.signal });
      if (!answer.ok) return close();
      const { items } = await answer.json();
      known.set(text, items);
      if (field.value.trim() === text && document.activeElement === field) show(items);
    } catch {
      // Nobody waits for suggestions: a search without them is as good.
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    const { key, altKey, isComposing } = event;
    if (isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step) {
      event.preventDefault();
      if (list.hidden) return void ask();
      if (altKey) return step < 0 ? close() : undefined;
      // Between the last and the first stands the field itself, with nothing chosen.
      mark(((active + 1 + step + options.length + 1) % (options.length + 1)) - 1);
    } else if (key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (key === "Enter" && active >= 0) {
      event.preventDefault();
      go(list.items[active]["@id"]);
    } else if (key === "Tab") {
      close();
    } else if (key === "ArrowLeft" || key === "ArrowRight" || key === "Home" || key === "End") {
      mark(-1);
    }
  });
}
