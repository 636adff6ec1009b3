// Boxes to tick, nested as the fields are. The box of a group ticks all that is in it.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function box(path) {
  const [name, ...groups] = path.split(".").reverse();
  const input = element("input", { type: "checkbox", "aria-label": [name, ...groups].join(" of "), "data-path": path });
  return element("li", {}, element("label", {}, input, ` ${name}`));
}

function list(fields, group = "") {
  const items = new Map();
  for (const field of fields) {
    const rest = field.slice(group.length);
    const path = group + rest.split(".")[0];
    if (items.has(path)) continue;
    const item = box(path);
    const inner = fields.filter((other) => other.startsWith(`${path}.`));
    if (inner.length) item.append(list(inner, `${path}.`));
    items.set(path, item);
  }
  return element("ul", {}, ...items.values());
}

export default {
  render({ model, el }) {
    const fields = model.get("fields");
    const below = (path) => fields.filter((field) => field === path || field.startsWith(`${path}.`));
    el.classList.add("course-tree");
    el.append(element("fieldset", {}, element("legend", {}, model.get("label")), list(fields)));

    const draw = () => {
      const chosen = new Set(model.get("chosen"));
      for (const input of el.querySelectorAll("input")) {
        const inside = below(input.dataset.path);
        const ticked = inside.filter((field) => chosen.has(field)).length;
        input.checked = ticked === inside.length;
        input.indeterminate = ticked > 0 && ticked < inside.length;
      }
    };
    el.addEventListener("change", ({ target }) => {
      const changed = new Set(below(target.dataset.path));
      const chosen = new Set(model.get("chosen"));
      const kept = fields.filter((field) => (changed.has(field) ? target.checked : chosen.has(field)));
      model.set("chosen", kept);
      model.save_changes();
      draw();
    });
    model.on("change:chosen", draw);
    draw();
    return () => model.off("change:chosen", draw);
  },
};
