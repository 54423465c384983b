import { MediaError, type ErrorCode } from './errors.ts';

/** One line of SDP or of an SDP fragment, `<type>=<value>`. */
export interface SdpLine {
  /** One letter (RFC 8866 section 5). */
  readonly type: string;
  readonly value: string;
}

/** What {@link splitSdpLines} takes. */
export interface SdpLineRules {
  /** Blank lines count too. */
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
  const texts = text.trimEnd().split(/\r?\n/, rules.maxLines + 1);
  if (texts.length > rules.maxLines) throw new MediaError(rules.code, `More than ${rules.maxLines} lines of SDP; send fewer.`);
  return texts.flatMap((line, index): SdpLine[] => (line === '' ? [] : [parseLine(line, index + 1, rules.code)]));
}

function parseLine(line: string, number: number, code: ErrorCode): SdpLine {
  const [, type, value] = LINE.exec(line) ?? [];
  if (type !== undefined && value !== undefined && !CONTROL_CHARACTER.test(value)) return { type, value };
  throw new MediaError(code, `Line ${number} is not SDP: expected "<letter>=<text>", got ${quoteSdp(line)}.`);
}

/** A piece of what a peer sent, short and safe to show in an error message. */
export function quoteSdp(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
