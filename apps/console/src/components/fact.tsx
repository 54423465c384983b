import type { JSX } from 'preact';

interface FactProps {
  readonly label: string;
  readonly value: string;
  /** Takes two columns. */
  readonly wide?: boolean | undefined;
  readonly children?: JSX.Element;
}

/** A value with its name, in a `dl`. */
export function Fact({ label, value, wide, children }: FactProps): JSX.Element {
  return (
    <div class={wide ? 'fact fact-wide' : 'fact'}>
      <dt>{label}</dt>
      <dd title={value}>{value}</dd>
      {children}
    </div>
  );
}
