/**
 * Where the official weights are published, what they are called and how their SHA-256 begins (PyTorch puts its first
 * digits into file names). vqkit does not ship these files: their licences and sizes are their own.
 */
import { WeightsError } from '../errors.ts';

/** A published weights file. */
export interface KnownFile {
  readonly url: string;
  /** First digits of its SHA-256; undefined where they are not known. */
  readonly sha256?: string;
  /** Licence as its publisher states it. */
  readonly licence: string;
}

const lpipsFolder = 'https://github.com/richzhang/PerceptualSimilarity/raw/master/lpips/weights/v0.1';

/** Published weights, by the part of a metric that they serve. */
export const knownFiles = {
  'backbone-alex': {
    url: 'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth',
    sha256: '7be5be79',
    licence: 'BSD-3-Clause (torchvision)',
  },
  'backbone-vgg': {
    url: 'https://download.pytorch.org/models/vgg16-397923af.pth',
    sha256: '397923af',
    licence: 'BSD-3-Clause (torchvision)',
  },
  'backbone-squeeze': {
    url: 'https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth',
    sha256: 'b8a52dc0',
    licence: 'BSD-3-Clause (torchvision)',
  },
  'lpips-alex': { url: `${lpipsFolder}/alex.pth`, sha256: 'df73285e', licence: 'BSD-2-Clause' },
  'lpips-vgg': { url: `${lpipsFolder}/vgg.pth`, sha256: 'a78928a0', licence: 'BSD-2-Clause' },
  'lpips-squeeze': { url: `${lpipsFolder}/squeeze.pth`, sha256: '4a5350f2', licence: 'BSD-2-Clause' },
  dists: { url: 'https://github.com/dingkeyan93/DISTS/raw/master/DISTS_pytorch/weights.pt', licence: 'MIT' },
  inception: {
    url: 'https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth',
    sha256: '6726825d',
    licence: 'Apache-2.0',
  },
  niqe: {
    url: 'https://github.com/XPixelGroup/BasicSR/raw/master/basicsr/metrics/niqe_pris_params.npz',
    licence: 'Apache-2.0 (BasicSR)',
  },
} as const satisfies Record<string, KnownFile>;

/** Names of the published files. */
export type KnownFileId = keyof typeof knownFiles;

/** @internal How the SHA-256 of this path or URL must begin: known for official URLs, and for file names that carry it. */
export function knownDigest(address: string): string | undefined {
  const files: readonly KnownFile[] = Object.values(knownFiles);
  const exact = files.find(({ url }) => url === address);
  if (exact !== undefined) return exact.sha256;
  const name = address.split(/[\\/]/).at(-1)!;
  return files.find(
    ({ url, sha256 }) => sha256 !== undefined && name === url.split('/').at(-1) && name.includes(sha256),
  )?.sha256;
}

/** @internal The source, or an error that says where the official file is. @throws WeightsError `WEIGHTS_MISSING` */
export function requireSource<Source>(metric: string, id: KnownFileId, source: Source | undefined): Source {
  if (source !== undefined) return source;
  const { url, licence } = knownFiles[id];
  throw new WeightsError({
    code: 'WEIGHTS_MISSING',
    message: `${metric}: expected weights, got none; they are not part of vqkit`,
    fix: `Fetch ${url} (${licence}) and pass its path, or pass this URL`,
  });
}
