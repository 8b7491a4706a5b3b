/** What the entropy coder expects, for each codebook: the same whatever the precision of the networks. */
import type { FileFacts } from '../../shared/src/open-source.ts';

/** One prior per codebook. */
export const priors = {
  'prior-4096.vqp': {
    url: new URL('../files/prior-4096.vqp', import.meta.url),
    bytes: 368553,
    sha256: '161a8d89342692f000e7f0893f10c58cc92661d52a31f4ff45b129dbf4865547',
  },
  'prior-2048.vqp': {
    url: new URL('../files/prior-2048.vqp', import.meta.url),
    bytes: 222855,
    sha256: 'fb81a0798f82e9317b31d058d07be5bc6ea65bd715db36651c2caacacc330e6f',
  },
  'prior-1024.vqp': {
    url: new URL('../files/prior-1024.vqp', import.meta.url),
    bytes: 149861,
    sha256: '9c418cdbb67f4db5bd2b8d241a768903bf8e0695b5bf202be426fdc1914e74ed',
  },
  'prior-512.vqp': {
    url: new URL('../files/prior-512.vqp', import.meta.url),
    bytes: 113219,
    sha256: 'd8cfc623aafc4879f6b6591462da017aabe74f95bae4d32171d4ee785b4b845f',
  },
  'prior-256.vqp': {
    url: new URL('../files/prior-256.vqp', import.meta.url),
    bytes: 94753,
    sha256: 'c2d10667410fb54b76056b08057e86124ba4a05241007620ec14bef4572b7760',
  },
  'prior-128.vqp': {
    url: new URL('../files/prior-128.vqp', import.meta.url),
    bytes: 58367,
    sha256: '2b90c52298e202b62ea6161629181ac18c41a4cd3079861ced9d19a659bbd4a2',
  },
  'prior-64.vqp': {
    url: new URL('../files/prior-64.vqp', import.meta.url),
    bytes: 40028,
    sha256: 'b1f47f73a6dcc24cb6633c0e0df4b61d46b4f9962a2365d82191190d89867545',
  },
  'prior-32.vqp': {
    url: new URL('../files/prior-32.vqp', import.meta.url),
    bytes: 28666,
    sha256: 'eadf551751e24ed987ef88245fdb9a860ec5630b401a47dc5dcbc6581f9ac83f',
  },
  'prior-16.vqp': {
    url: new URL('../files/prior-16.vqp', import.meta.url),
    bytes: 24376,
    sha256: 'edb0d12922fe2e51c24013265e423c2fd24706c5a986763b03433cd045e5818d',
  },
  'prior-8.vqp': {
    url: new URL('../files/prior-8.vqp', import.meta.url),
    bytes: 22470,
    sha256: '965c302a94b0f54a9ddbeb81f95ec624ff2ee0cb0bc6a7dbea69099d1e4d510c',
  },
} as const satisfies Record<string, FileFacts>;
