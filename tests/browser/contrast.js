// Every piece of visible text below `root` whose contrast to its ground is under 4.5 (WCAG 2.2, 1.4.3), as words.
(root) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colour, opacity) => {
    canvas.globalAlpha = opacity;
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (element) => {
    const chain = [];
    for (let at = element; at; at = at.parentElement) chain.unshift(getComputedStyle(at));
    let ground = paint("#fff", 1);
    let opacity = 1;
    for (const style of chain) {
      opacity *= Number(style.opacity);
      ground = paint(style.backgroundColor, opacity);
    }
    const ink = paint(chain.at(-1).color, opacity);
    const [light, dark] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const says = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return [...root.querySelectorAll("*")]
    .filter((element) => element.checkVisibility({ checkVisibilityCSS: true }) && (says(element) || "value" in element))
    .filter((element) => !element.closest(".jp-InputPrompt, .jp-OutputPrompt")) // JupyterLab's own "[12]:" is at 2.2
    .filter((element) => !element.disabled && !["OPTION", "PROGRESS", "STYLE"].includes(element.tagName))
    .map((element) => [contrast(element), (element.innerText || element.value || "").slice(0, 40)])
    .filter(([ratio]) => ratio < 4.5)
    .map(([ratio, text]) => `${text}: ${ratio.toFixed(2)}`);
};
