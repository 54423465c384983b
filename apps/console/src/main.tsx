import { render } from 'preact';
import { App } from './components/app.tsx';
import { startFirstLook } from './state/first-look.ts';
import { StoreContext, createStore } from './state/store.ts';

const store = createStore(new URL('.', location.href).href);
const root = document.getElementById('app');
if (root) {
  render(
    <StoreContext.Provider value={store}>
      <App />
    </StoreContext.Provider>,
    root,
  );
}

startFirstLook(store);
window.addEventListener('pagehide', () => store.sessions.stopAll());
