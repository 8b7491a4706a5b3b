/** Starts the page, and the service worker that makes it work without a network. */
import '@fontsource-variable/geist/wght.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import './styles.css';
import { wishes } from './state/actions.ts';
import { forgetDamage } from './state/damage.ts';
import { connectEarly } from './state/engine.ts';
import { enlarged, forgetEnlarged } from './state/enlarge.ts';
import { forgetInside } from './state/inside.ts';
import { forgetLearned } from './state/learn.ts';
import { opened, replaced } from './state/photo.ts';
import { forgetRivals } from './state/rivals.ts';
import { goTo } from './state/tabs.ts';
import { brought } from './state/weights.ts';
import { App } from './ui/app.tsx';
import { installTransferHandlers } from './worker/transfer.ts';

installTransferHandlers();
replaced.photo.push(forgetLearned, forgetEnlarged, () => goTo('compress'));
replaced.file.push(forgetRivals, forgetInside, forgetDamage, () => {
  if (enlarged.value?.of === 'restored') forgetEnlarged();
});
const app = document.getElementById('app')!;
render(<App />, app);
void connectEarly();
effect(() => app.setAttribute('aria-busy', String(wishes.value > 0)));

/**
 * Static hosts send no headers for isolation; the service worker adds them, from the next load of the page on. So a first
 * visit loads twice, unless a photo is open by then, or weights are.
 */
async function register(): Promise<void> {
  await navigator.serviceWorker.register('./sw.js');
  await navigator.serviceWorker.ready;
  const isInUse = opened.value !== undefined || Object.keys(brought.value).length > 0;
  if (crossOriginIsolated || isInUse || sessionStorage.getItem('vqkit-reloaded')) return;
  sessionStorage.setItem('vqkit-reloaded', 'yes');
  location.reload();
}

if (import.meta.env.PROD && 'serviceWorker' in navigator) register().catch(() => undefined);
