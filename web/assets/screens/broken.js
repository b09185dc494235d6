// A screen that fails takes nothing else with it: the frame, a running recording and the uploads go on.
import { html, Component } from "../lib/ui.js";
import { strings } from "../lib/strings.js";

export class Unbroken extends Component {
  constructor() {
    super();
    this.state = { has_failed: false };
  }

  componentDidCatch(error) {
    console.error(error);
    this.setState({ has_failed: true });
  }

  render({ children }, { has_failed }) {
    if (!has_failed) return children;
    return html`
      <section class="empty" role="alert">
        <h1>${strings.broken.title}</h1><p>${strings.broken.text}</p>
        <button class="button" onClick=${() => this.setState({ has_failed: false })}>${strings.broken.reload}</button>
      </section>`;
  }
}
