import type { JSX } from 'preact';
import { useStore } from '../state/store.ts';

/** Says what has become of something that the administrator did. */
export function Notice(): JSX.Element {
  const { current } = useStore().notices;
  const notice = current.value;
  return (
    <div class="notice-place" role="status">
      {notice && <p class={`notice notice-${notice.tone}`}>{notice.text}</p>}
    </div>
  );
}
