// The few icons of the page, drawn in the colour of the text around them. They are decoration: names stand beside them.
import { html } from "./ui.js";

const PATHS = {
  inbox: "M4 13l2-8h12l2 8v6H4zM4 13h5l1 3h4l1-3h5",
  mic: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM6 11v1a6 6 0 0 0 12 0v-1M12 18v3",
  find: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM20 20l-4.8-4.8",
  engine: "M4 6h6v5H4zM14 13h6v5h-6zM7 11v4.5h7M14 4h6v4h-6zM10 8.5h2V6h2",
  setup: "M5 7h9M18 7h1M5 17h1M10 17h9M16 5v4M8 15v4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  stop: "M6 6h12v12H6z",
  back: "M11 5L4 12l7 7M4 12h16",
  more: "M5 11.4v1.2h.01v-1.2zM12 11.4v1.2h.01v-1.2zM19 11.4v1.2h.01v-1.2z",
  down: "M12 4v12m0 0l-5-5m5 5l5-5M5 20h14",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  tag: "M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01",
  check: "M5 13l4 4L19 7",
  again: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  upload: "M12 20V8m0 0L7 13m5-5l5 5M5 4h14",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 0 8",
  calendar: "M5 6h14v14H5zM5 10h14M9 3v4M15 3v4",
};

export const Icon = ({ name, size = 20 }) => html`
  <svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
    stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
