import { preset } from '../../tooling/tsup-preset.ts';

export default preset(
  ['src/index.ts', 'src/codebook/index.ts', 'src/testing/index.ts'],
  // `Symbol.dispose`, whatever the target of whoever compiles against it; the packages that need core have it from here
  { banner: '/// <reference lib="esnext.disposable" />' },
);
