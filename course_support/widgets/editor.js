// A textarea with a gutter: the number of each line, and a sign and a ground of its own for those that are rejected.

const MOST_LINES = 30;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export default {
  render({ model, el }) {
    const id = `course-editor-${crypto.randomUUID()}`;
    const text = element("textarea", { id, spellcheck: "false", autocapitalize: "off", autocomplete: "off" });
    const lines = element("div", { class: "lines", "aria-hidden": "true" }); // the findings name the lines as well
    el.classList.add("course-editor");
    el.append(element("label", { for: id }, model.get("label")), element("div", { class: "frame" }, lines, text));

    const scroll = () => (lines.style.transform = `translateY(${-text.scrollTop}px)`);
    const draw = () => {
      const rejected = new Set(model.get("rejected"));
      const count = text.value.split("\n").length;
      const marks = Array.from({ length: count }, (_, at) =>
        element(
          "div",
          rejected.has(at + 1) ? { class: "rejected" } : {},
          element("b", {}, rejected.has(at + 1) ? "✖" : ""),
          element("i", {}, String(at + 1)),
        ),
      );
      lines.replaceChildren(...marks);
      text.rows = Math.min(MOST_LINES, Math.max(3, count + 1)); // one for the scrollbar
      text.setAttribute("aria-invalid", String(rejected.size > 0));
      scroll();
    };
    const take = () => {
      if (text.value !== model.get("value")) text.value = model.get("value");
      draw();
    };

    text.addEventListener("scroll", scroll);
    text.addEventListener("input", () => {
      model.set("value", text.value);
      model.save_changes();
      draw();
    });
    model.on("change:value", take);
    model.on("change:rejected", draw);
    take();
    return () => {
      model.off("change:value", take);
      model.off("change:rejected", draw);
    };
  },
};
