import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface StreamNameFieldProps {
  readonly label: string;
  readonly text: Signal<string>;
  readonly placeholder: string;
}

/** `app/stream`, with a query behind it where the server checks access. */
const PATTERN = '\\s*\\/?[^\\/?\\s]+\\/[^\\/?\\s]+(\\?.*)?';

/** Takes the name of a stream; the browser says when it is not one. */
export function StreamNameField({ label, text, placeholder }: StreamNameFieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        required
        pattern={PATTERN}
        title="app/stream, for example live/camera; add ?key=… where the server asks for it"
        placeholder={placeholder}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
        }}
      />
    </div>
  );
}
