/** Pages change the look by the custom properties and by `::part(video)`, `::part(overlay)`, `::part(controls)`. */
export const STYLE = `
:host {
  --_accent: var(--sluice-accent, #2dd4bf);
  --_radius: var(--sluice-radius, 12px);
  position: relative;
  display: block;
  overflow: hidden;
  aspect-ratio: var(--sluice-aspect-ratio, 16 / 9);
  border-radius: var(--_radius);
  background: var(--sluice-background, #060b14);
  color: #e8eef7;
  font: 500 14px/1.4 var(--sluice-font, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
}
:host([hidden]), [hidden] { display: none !important; }
:host(:fullscreen) { border-radius: 0; }
video { display: block; width: 100%; height: 100%; object-fit: var(--sluice-object-fit, contain); background: inherit; }
.mirrored { transform: scaleX(-1); }
.badge {
  position: absolute; top: 12px; left: 12px; display: flex; align-items: center; gap: 6px;
  padding: 3px 10px; border-radius: 99px; background: rgb(6 11 20 / .62); backdrop-filter: blur(8px);
  font-size: 12px; font-weight: 600; font-variant-numeric: tabular-nums;
}
.badge::before { content: ''; width: 8px; height: 8px; border-radius: 50%; background: #fbbf24; }
:host([state='connected']) .badge::before { background: #f43f5e; }
.badge:empty { display: none; }
.overlay {
  position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center; justify-content: center;
  gap: 14px; padding: 24px; background: rgb(6 11 20 / .66); text-align: center;
}
.overlay p { max-width: 34em; margin: 0; text-wrap: balance; }
.spinner { width: 30px; height: 30px; border: 3px solid rgb(255 255 255 / .18); border-top-color: var(--_accent); border-radius: 50%; animation: turn .9s linear infinite; }
@keyframes turn { to { rotate: 1turn; } }
.controls {
  position: absolute; right: 0; bottom: 0; left: 0; display: flex; align-items: center; gap: 6px; padding: 28px 12px 10px;
  background: linear-gradient(transparent, rgb(6 11 20 / .78)); opacity: 0; transition: opacity .16s;
}
:host(:hover) .controls, :host(:focus-within) .controls, .controls.always { opacity: 1; }
@media (hover: none) { .controls { opacity: 1; } }
.space { flex: 1; }
.figures { overflow: hidden; text-overflow: ellipsis; font-size: 12px; font-variant-numeric: tabular-nums; white-space: nowrap; opacity: .85; }
button, select { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; }
button:disabled { opacity: .5; cursor: default; }
button:focus-visible, select:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
.icon { display: grid; place-items: center; width: 36px; height: 36px; padding: 0; border-radius: 9px; background: transparent; }
.icon:hover { background: rgb(255 255 255 / .14); }
.icon.off { background: rgb(244 63 94 / .85); }
svg { width: 21px; height: 21px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.primary { display: inline-flex; align-items: center; gap: 8px; min-height: 42px; padding: 0 20px; border-radius: 99px; background: var(--_accent); color: #06231f; font-weight: 650; }
.primary:hover { filter: brightness(1.08); }
.primary svg { fill: currentColor; stroke: none; width: 18px; height: 18px; }
.primary.stop { min-height: 36px; padding: 0 14px; background: #f43f5e; color: #fff; }
.quiet { min-height: 36px; padding: 0 16px; border-radius: 99px; background: rgb(255 255 255 / .14); font-weight: 600; }
select { max-width: 15em; height: 36px; padding: 0 10px; border: 1px solid rgb(255 255 255 / .2); border-radius: 9px; background: rgb(6 11 20 / .6); text-overflow: ellipsis; }
.controls .devices { flex-wrap: nowrap; min-width: 0; }
.controls select { min-width: 0; max-width: 11em; }
.devices { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: 8px; }
@media (prefers-reduced-motion: reduce) { * { animation-duration: 4s !important; transition: none !important; } }
`;
