import { escapeHtml } from 'express-auth-kit';

/** Text that is HTML already. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a page is made of: anything that is not {@link Html} is text, and escaped. */
type Piece = Html | string | number | readonly Piece[];

/**
 * The tag of all markup here: what is filled in is escaped, unless it was made by this tag itself.
 *
 * @example
 * html`<p title="${title}">${paragraphs.map((text) => html`<b>${text}</b>`)}</p>`
 */
export function html(markup: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(String.raw({ raw: markup }, ...pieces.map(render)));
}

/** Text between tags with its quotes as they are, so that commands can be copied from a page's source too. */
export function code(text: string): Html {
  return new Html(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
}

function render(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  return typeof piece === 'object' ? piece.map(render).join('') : escapeHtml(String(piece));
}
