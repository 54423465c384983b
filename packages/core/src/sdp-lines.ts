import { MediaError, type ErrorCode } from './errors.ts';

/** One line of SDP or of an SDP fragment, `<type>=<value>`. */
export interface SdpLine {
  /** One letter (RFC 8866 section 5). */
  readonly type: string;
  readonly value: string;
}

/** What {@link splitSdpLines} takes. */
export interface SdpLineRules {
  readonly maxLines: number;
  /** Code of the MediaError that a bad line becomes. */
  readonly code: ErrorCode;
}

const LINE = /^([a-z])=(.*)$/;
// RFC 8866 section 9, byte-string: no control characters; what we copy into an answer must not start a new line.
// oxlint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/**
 * Splits SDP into lines that end in CRLF or, as many clients send it, LF. Blank lines are left out.
 * @throws MediaError with the code of `rules`
 */
export function splitSdpLines(text: string, rules: SdpLineRules): SdpLine[] {
  const lines: SdpLine[] = [];
  let number = 0;
  for (const line of text.split(/\r?\n/, rules.maxLines + 2)) {
    number++;
    if (line === '') continue;
    const [, type, value] = LINE.exec(line) ?? [];
    if (type === undefined || value === undefined || CONTROL_CHARACTER.test(value)) {
      throw new MediaError(rules.code, `Line ${number} is not SDP: expected "<letter>=<text>", got ${quoteSdp(line)}.`);
    }
    if (lines.length === rules.maxLines) {
      throw new MediaError(rules.code, `More than ${rules.maxLines} lines of SDP; send fewer.`);
    }
    lines.push({ type, value });
  }
  return lines;
}

/** A piece of what a peer sent, short and safe to show in an error message. */
export function quoteSdp(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
