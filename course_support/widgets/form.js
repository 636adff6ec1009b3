// Mends what ipywidgets leaves open: keys that would reach the notebook, sliders without a name, "Choose a sheet (0)".

// JupyterLab takes plain keys from whatever is no text field: typing "dd" in a menu of methods would delete the cell.
function keepKeys(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

function nameSliders(form) {
  for (const slider of form.querySelectorAll(".widget-slider")) {
    const name = slider.querySelector("label")?.textContent ?? "";
    for (const part of slider.querySelectorAll("[role=slider], .widget-readout")) part.setAttribute("aria-label", name);
  }
}

// How many files were chosen last is no part of what the button does.
function nameUploads(form) {
  for (const { lastChild } of form.querySelectorAll(".widget-upload")) {
    if (lastChild) lastChild.data = lastChild.data.replace(/ \(\d+\)$/, "");
  }
}

function mend(form) {
  nameSliders(form);
  nameUploads(form);
}

export default {
  render({ el }) {
    let observer;
    let frame;
    const begin = () => {
      const form = el.closest(".course-form");
      if (!form) {
        frame = requestAnimationFrame(begin); // rendered, but not yet in the page
        return;
      }
      form.addEventListener("keydown", keepKeys);
      observer = new MutationObserver(() => mend(form));
      observer.observe(form, { childList: true, subtree: true });
      mend(form);
    };
    begin();
    return () => {
      cancelAnimationFrame(frame);
      observer?.disconnect();
    };
  },
};
