/** Readers of mail drop style sheets, so every element has its own. Classes are there for the dark alone. */

const FONT =
  "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
const MONOSPACE = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';

export const STYLES = {
  body: `margin:0;padding:0;width:100%;background:#f4f4f5;-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%`,
  /** Beside the subject in a list of mails, and nowhere else. */
  preheader:
    'display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;mso-hide:all',
  page: 'background:#f4f4f5',
  margin: 'padding:40px 16px 48px',
  column: 'max-width:560px;border-collapse:separate',
  name: `${FONT};padding:0 4px 16px;font-size:15px;line-height:24px;font-weight:600;letter-spacing:-0.01em;color:#18181b`,
  card: `${FONT};padding:40px;background:#ffffff;border:1px solid #e4e4e7;border-radius:12px`,
  heading: `${FONT};margin:0 0 12px;font-size:22px;line-height:30px;font-weight:600;letter-spacing:-0.02em;color:#18181b`,
  words: `${FONT};margin:0 0 28px;font-size:16px;line-height:26px;color:#3f3f46;word-break:break-word`,
  /** Before a code. */
  says: `${FONT};margin:0 0 12px;font-size:16px;line-height:26px;color:#3f3f46`,
  buttonRow: 'margin:0 0 28px;border-collapse:separate',
  button: 'border-radius:8px;background:#18181b;mso-padding-alt:13px 22px',
  buttonLink: `${FONT};display:inline-block;padding:13px 22px;border-radius:8px;font-size:15px;line-height:20px;font-weight:600;color:#ffffff;text-decoration:none`,
  code: `${MONOSPACE};margin:0 0 28px;padding:16px 20px;border-radius:8px;background:#f4f4f5;font-size:28px;line-height:36px;font-weight:600;letter-spacing:0.2em;color:#18181b;text-align:center`,
  note: `${FONT};margin:0 0 8px;font-size:14px;line-height:22px;color:#52525b;word-break:break-word`,
  line: 'height:1px;margin:24px 0 20px;font-size:0;line-height:1px;background:#e4e4e7',
  small: `${FONT};margin:0;font-size:13px;line-height:20px;color:#71717a;word-break:break-all`,
  link: 'color:#71717a;text-decoration:underline;word-break:break-all',
} as const;

export const STYLE_SHEET = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 520px) {
  .margin { padding: 24px 12px 32px !important; }
  .card { padding: 28px 24px !important; }
}
@media (prefers-color-scheme: dark) {
  .page { background: #0f0f11 !important; }
  .card { background: #1a1a1d !important; border-color: #2c2c31 !important; }
  .name, .heading { color: #f4f4f5 !important; }
  .words { color: #d4d4d8 !important; }
  .note { color: #b4b4bb !important; }
  .small { color: #8f8f98 !important; }
  .line { background: #2c2c31 !important; }
  .code { background: #27272b !important; color: #f4f4f5 !important; }
  .button { background: #f4f4f5 !important; color: #18181b !important; }
}
`;
