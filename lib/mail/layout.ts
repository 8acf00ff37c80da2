import type { Letter, MailContent, WriteMail } from '../config/mail.js';
import { escapeHtml } from './escape-html.js';
import { STYLE_SHEET, STYLES } from './styles.js';

/** Scripts that are written from the right. */
const FROM_THE_RIGHT = ['Adlm', 'Arab', 'Hebr', 'Mand', 'Nkoo', 'Rohg', 'Samr', 'Syrc', 'Thaa'];

interface Frame {
  /** What the app is called; nothing is shown where it is empty. */
  appName: string;
  /** A language tag. */
  language: string;
  /** Before the link below the button. */
  copy: string;
}

/** The one layout of all mails: text, and HTML without anything that is loaded from elsewhere. */
export function createWriteMail(frame: Frame): WriteMail {
  return (letter) => ({
    subject: letter.subject,
    text: textOf(letter, frame),
    html: htmlOf(letter, frame),
  });
}

function textOf({ what, link, code, notes = [] }: Letter, { appName }: Frame): string {
  const parts = [
    what,
    ...(link ? [...(link.purpose ? [link.purpose] : []), link.url] : []),
    ...(code ? [code.says, code.value] : []),
    ...(notes.length > 0 ? [notes.join('\n')] : []),
    // RFC 3676 section 4.3: what signs a mail.
    ...(appName ? [`-- \n${appName}`] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

function htmlOf(letter: Letter, frame: Frame): MailContent['html'] {
  const { subject, what } = letter;
  const { appName, language } = frame;
  const isFromRight = FROM_THE_RIGHT.includes(new Intl.Locale(language).maximize().script ?? '');
  const [dir, align] = isFromRight ? ['rtl', 'right'] : ['ltr', 'left'];
  return `<!doctype html>
<html lang="${language}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<meta name="x-apple-disable-message-reformatting">
<title>${asHtml(subject)}</title>
<style>${STYLE_SHEET}</style>
</head>
<body class="page" style="${STYLES.body}">
<div style="${STYLES.preheader}">${asHtml(what)}${'&#847;&zwnj;&nbsp;'.repeat(40)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="page" style="${STYLES.page}" dir="${dir}">
<tr><td align="center" class="margin" style="${STYLES.margin}">
<!--[if mso]><table role="presentation" width="560" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="${STYLES.column}">
${appName && `<tr><td align="${align}" class="name" style="${STYLES.name}">${asHtml(appName)}</td></tr>\n`}<tr><td align="${align}" class="card" style="${STYLES.card}">
${cardOf(letter, frame).join('\n')}
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
`;
}

function cardOf({ subject, what, link, code, notes = [] }: Letter, { copy }: Frame): string[] {
  return [
    `<h1 class="heading" style="${STYLES.heading}">${asHtml(subject)}</h1>`,
    `<p class="words" style="${STYLES.words}">${asHtml(what)}</p>`,
    ...(link ? [buttonOf(link)] : []),
    ...(code
      ? [
          `<p class="words" style="${STYLES.says}">${asHtml(code.says)}</p>`,
          `<p class="code" dir="ltr" style="${STYLES.code}">${asHtml(code.value)}</p>`,
        ]
      : []),
    ...notes.map((note) => `<p class="note" style="${STYLES.note}">${asHtml(note)}</p>`),
    ...(link
      ? [
          `<div class="line" style="${STYLES.line}">&nbsp;</div>`,
          `<p class="small" style="${STYLES.small}">${asHtml(copy)}<br><a href="${asHtml(link.url)}" class="small" dir="ltr" style="${STYLES.link}">${asHtml(link.url)}</a></p>`,
        ]
      : []),
  ];
}

/** A table, since Outlook gives a link neither padding nor a background. */
function buttonOf({ url, button }: NonNullable<Letter['link']>): string {
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="${STYLES.buttonRow}"><tr><td align="center" class="button" bgcolor="#18181b" style="${STYLES.button}"><a href="${asHtml(url)}" class="button" style="${STYLES.buttonLink}">${asHtml(button)}</a></td></tr></table>`;
}

/** Text as HTML, its lines too. */
function asHtml(text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>');
}
