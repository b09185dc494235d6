// The same recording once more, heard by another model or in another language.
import { html, useEffect, useState } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { go } from "../lib/router.js";
import { strings } from "../lib/strings.js";
import { tellProblem, toast } from "../lib/toast.js";
import { Dialog } from "./dialog.js";

const words = strings.entry.rerun_;
const { und: _, ...languages } = strings.entry.languages;

export function Rerun({ job, onClose }) {
  const [models, setModels] = useState(null);
  const [model, setModel] = useState(job.model);
  const [language, setLanguage] = useState("auto");
  const [is_busy, setBusy] = useState(false);
  useEffect(() => { api.models().then((found) => setModels(found.items), (problem) => { tellProblem(problem); setModels([]); }); }, []);
  const chosen = models?.find((it) => it.name === model);
  const is_english = chosen ? !chosen.multilingual : /\.en$/.test(model);
  const begin = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const made = await api.rerun(job.id, { model, language: is_english ? "en" : language, word_timestamps: true });
      onClose();
      toast({ text: made.status === "done" ? words.existed : words.begun });
      go("/entry/" + made.id);
    } catch (problem) { setBusy(false); tellProblem(problem); }
  };
  const list = models?.length ? [...models].sort((a, b) => b.installed - a.installed) : [{ name: job.model, installed: true }];
  return html`
    <${Dialog} title=${words.title} onClose=${onClose}>
      <form class="stack" onSubmit=${begin}>
        <p class="muted">${words.lead}</p>
        <label class="stack-label">${words.model}
          <select class="field" value=${model} onChange=${(event) => setModel(event.target.value)}>
            ${list.map((it) => html`<option key=${it.name} value=${it.name} disabled=${!it.installed}>${it.name}${it.name === job.model ? ` (${words.inUse})` : ""}${it.installed ? "" : ` – ${words.notHere}`}</option>`)}
          </select></label>
        <label class="stack-label">${words.language}
          <select class="field" value=${is_english ? "en" : language} disabled=${is_english} onChange=${(event) => setLanguage(event.target.value)}>
            ${!is_english && html`<option value="auto">${words.auto}</option>`}
            ${Object.entries(is_english ? { en: words.english } : languages).map(([code, name]) => html`<option key=${code} value=${code}>${name}</option>`)}
          </select></label>
        <div class="row dialog-acts"><a class="button quiet" href="/setup">${words.get}</a><button class="button" disabled=${is_busy}>${words.start}</button></div>
      </form>
    <//>`;
}
