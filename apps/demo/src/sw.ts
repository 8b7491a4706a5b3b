/**
 * The service worker: keeps the page for use without a network, and gives every answer the headers that WebAssembly
 * threads need, which static hosts cannot be told to send.
 */
import { clientsClaim, type WorkboxPlugin } from 'workbox-core';
import { addPlugins, precacheAndRoute } from 'workbox-precaching';
import { registerRoute, setDefaultHandler } from 'workbox-routing';
import { CacheFirst, NetworkOnly } from 'workbox-strategies';

declare const self: { readonly __WB_MANIFEST: Parameters<typeof precacheAndRoute>[0]; readonly location: Location };

/** As the headers of the development server in `vite.config.ts`. */
const isolate: WorkboxPlugin = {
  handlerWillRespond: async ({ response }) => {
    if (response.type === 'opaque' || response.type === 'error') return response;
    const headers = new Headers(response.headers);
    headers.set('Cross-Origin-Opener-Policy', 'same-origin');
    headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
    const { status, statusText } = response;
    return new Response(status === 204 || status === 304 ? null : response.body, { status, statusText, headers });
  },
};

addPlugins([isolate]);
precacheAndRoute(self.__WB_MANIFEST);
// Engines have their version in their names. The weights keep themselves, in the worker.
const isEngine = ({ url }: { url: URL }): boolean =>
  url.origin === self.location.origin && /\.(wasm|mjs)$/.test(url.pathname);
registerRoute(isEngine, new CacheFirst({ cacheName: 'vqkit-engines', plugins: [isolate] }));
setDefaultHandler(new NetworkOnly({ plugins: [isolate] }));
clientsClaim();
