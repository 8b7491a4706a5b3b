/**
 * The files of this package. Each address is written out as `new URL('…', import.meta.url)`, which is what bundlers look
 * for; sizes and digests tell a whole file from half of one, from another version and from a page that says "not found".
 */

/** One file. */
export interface FileFacts {
  readonly url: URL;
  readonly bytes: number;
  /** Of the content, in hexadecimal digits. */
  readonly sha256: string;
}

/** Networks and codebooks, and one prior of the entropy coder per codebook. */
export const files = {
  'weights.safetensors': {
    url: new URL('../files/weights.safetensors', import.meta.url),
    bytes: 16819198,
    sha256: '78bcaa3c400f9f228e3ed2de003ad5218188501a6df4042d9832e559b544e09b',
  },
  'prior-2048.vqp': {
    url: new URL('../files/prior-2048.vqp', import.meta.url),
    bytes: 222855,
    sha256: '6d2c7b34b70ca5ac4ed469409bdc5095165108894c5b277e9f7dc48996bd9c12',
  },
  'prior-1024.vqp': {
    url: new URL('../files/prior-1024.vqp', import.meta.url),
    bytes: 149861,
    sha256: '88671a54b4725fc84316af02381815c0d827aa6b5788b6ee39b9ea872a511a58',
  },
  'prior-512.vqp': {
    url: new URL('../files/prior-512.vqp', import.meta.url),
    bytes: 113219,
    sha256: '7823628258dc1cc6303bb83f7105640bb21a15967966f9c800e4312db966ee00',
  },
  'prior-256.vqp': {
    url: new URL('../files/prior-256.vqp', import.meta.url),
    bytes: 94753,
    sha256: 'f5be15528cdccbd61469b8506c42dcad54f7eea020088bb23198d4c3cc41ed87',
  },
  'prior-128.vqp': {
    url: new URL('../files/prior-128.vqp', import.meta.url),
    bytes: 58367,
    sha256: '2f7489ef52bc07f4f54cf8e7a69a46bccb0e06347aae5d4223b269f6ba998903',
  },
  'prior-64.vqp': {
    url: new URL('../files/prior-64.vqp', import.meta.url),
    bytes: 40028,
    sha256: '7612686d73f7dd4d7713ee31a7f36150dfa5e4f5a70a16bced6fd402842907ed',
  },
  'prior-32.vqp': {
    url: new URL('../files/prior-32.vqp', import.meta.url),
    bytes: 28666,
    sha256: '3a773dc0e7467dab8b06f7f56cc6885502c945b324af5aaeabd7bacc58f26532',
  },
  'prior-16.vqp': {
    url: new URL('../files/prior-16.vqp', import.meta.url),
    bytes: 24376,
    sha256: 'cd17fded1953814e5fef5543d80b33999af89312737b7f6af99be5e4bb622099',
  },
  'prior-8.vqp': {
    url: new URL('../files/prior-8.vqp', import.meta.url),
    bytes: 22470,
    sha256: 'eab1286c6cf72d1c0e7e0e31e9a24f55addc80f85c69547778d8a83595722693',
  },
} as const satisfies Record<string, FileFacts>;

/** Name of a file. */
export type WeightsFile = keyof typeof files;
