// How an editor in the page finds out what was typed: node difference.mjs takes a list of {old, now, caret} on its
// standard input and prints for each what `difference` says, and where `moved` puts each place of the old text.
import { readFileSync } from "node:fs";

const file = new URL("../../course_support/widgets/pane.js", import.meta.url);
const { difference, moved } = await import(`data:text/javascript,${encodeURIComponent(readFileSync(file, "utf8"))}`);

const results = JSON.parse(readFileSync(0, "utf8")).map(({ old, now, caret }) => {
  const points = [...old];
  const change = difference(points, [...now], caret);
  return { change, moved: [...points, ""].map((_, at) => moved(at, change)) };
});
console.log(JSON.stringify(results));
