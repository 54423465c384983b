import { html, raw } from 'hono/html';
import type { OpenApiDocument, Operation } from './document.ts';

type Html = ReturnType<typeof html>;

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d9dde3, #333a44); --quiet: light-dark(#5a6472, #9aa4b2); --accent: light-dark(#0b63ce, #6db1ff); --panel: light-dark(#f6f8fa, #1a1f27); }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#fff, #12161c); color: light-dark(#1b2128, #e4e8ee) }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line) }
p { margin: .4rem 0 } a { color: var(--accent) } .quiet { color: var(--quiet) }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; background: var(--panel) }
summary { padding: .5rem .75rem; cursor: pointer; display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline }
.inside { padding: 0 .75rem .75rem; overflow-x: auto }
.method { font: 600 12px ui-monospace, monospace; min-width: 4.5em; color: var(--accent) }
.delete { color: light-dark(#b3261e, #ff8a80) } .post, .patch { color: light-dark(#7a4f00, #ffc266) }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 } th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid var(--line) } th { font-weight: 600; color: var(--quiet) }
`;

/** A page that shows the document. It has no script and loads nothing. */
export function documentPage(document: OpenApiDocument): Html {
  const { info, tags, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${info.title}</title><style>${raw(STYLE)}</style></head>
<body><main>
<h1>${info.title}</h1>
<p class="quiet">Version ${info.version}, below <code>/api/v1</code>. For programs: <a href="openapi.json">openapi.json</a> (OpenAPI ${document.openapi}).</p>
<p>${info.description}</p>
<p>An example: <code>curl -H "Authorization: Bearer $TOKEN" http://localhost:8080/api/v1/sessions?limit=10</code></p>
${tags.map(({ name }) => html`<h2>${name}</h2>${operations.filter(({ operation }) => operation.tags.includes(name)).map(operationHtml)}`)}
<h2>Schemas</h2>
${Object.entries(components.schemas).map(([name, schema]) => schemaHtml(name, schema))}
</main></body></html>`;
}

function operationHtml({ path, method, operation }: { readonly path: string; readonly method: string; readonly operation: Operation }): Html {
  const { operationId, summary, description, parameters, responses } = operation;
  return html`<details id="${operationId}"><summary><span class="method ${method}">${method.toUpperCase()}</span><code>${path}</code><span class="quiet">${summary}</span></summary>
<div class="inside">
${description === undefined ? '' : html`<p>${description}</p>`}
${parameters.length === 0 ? '' : html`<table><tr><th>Parameter</th><th>In</th><th>Form</th><th></th></tr>${parameters.map((parameter) => html`<tr><td><code>${parameter.name}</code></td><td>${parameter.in}</td><td>${formHtml(parameter.schema)}</td><td>${parameter.description ?? ''}</td></tr>`)}</table>`}
${bodyHtml(operation)}
<table><tr><th>Answer</th><th></th><th>Form</th></tr>${Object.entries(responses).map(
    ([status, { description: words, content = {} }]) => html`<tr><td><code>${status}</code></td><td>${words}</td><td>${Object.entries(content).map(([type, { schema }]) => html`<code>${type}</code> ${formHtml(schema)}`)}</td></tr>`,
  )}</table>
</div></details>`;
}

function bodyHtml({ requestBody }: Operation): Html | '' {
  const content = field(requestBody, 'content');
  if (typeof content !== 'object' || content === null) return '';
  return html`<p>Body: ${Object.entries(content).map(([type, media]) => html`<code>${type}</code> ${formHtml(field(media, 'schema'))}`)}</p>`;
}

function schemaHtml(name: string, schema: object): Html {
  const properties = field(schema, 'properties');
  const required = field(schema, 'required');
  const rows = typeof properties === 'object' && properties !== null ? Object.entries(properties) : [];
  const isRequired = (key: string): boolean => Array.isArray(required) && required.includes(key);
  return html`<details id="${name}"><summary><code>${name}</code><span class="quiet">${text(field(schema, 'description'))}</span></summary>
<div class="inside"><table><tr><th>Field</th><th>Form</th><th></th></tr>${rows.map(
    ([key, property]) => html`<tr><td><code>${key}${isRequired(key) ? '' : '?'}</code></td><td>${formHtml(property)}</td><td>${text(field(property, 'description'))}</td></tr>`,
  )}</table></div></details>`;
}

/** A JSON Schema in a few words. */
function formHtml(schema: unknown): Html | string {
  const reference = field(schema, '$ref');
  if (typeof reference === 'string') {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return html`<a href="#${name}">${name}</a>`;
  }
  const choices = field(schema, 'enum');
  if (Array.isArray(choices)) return choices.join(' | ');
  const type = text(field(schema, 'type'));
  if (type === 'array') return html`list of ${formHtml(field(schema, 'items'))}`;
  const properties = field(schema, 'properties');
  if (typeof properties === 'object' && properties !== null) {
    return html`{ ${Object.entries(properties).map(([key, property], index) => html`${index === 0 ? '' : ', '}<code>${key}</code>: ${formHtml(property)}`)} }`;
  }
  return type === '' ? 'anything' : type;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
