/** What the page can ask of the worker. One engine is one backend: another place or another number of threads is another worker. */
import { type CodecProgress, type EncodeOptions, type FileInfo, inspect } from '@vqkit/codec';
import { fromBrowser, toBlob, toImageData } from '@vqkit/images/browser';
import { createLpipsMeter, type ImageComparison, msSsim, psnr, ssim } from '@vqkit/metrics';
import { transfer } from 'comlink';
import type { Place, PlaceRequest } from './place.ts';
import { type OnShare, openSession, type Picture, type Session, timed, turn } from './session.ts';

/** A picture for the page to draw. */
export interface Shown {
  readonly bitmap: ImageBitmap;
  readonly width: number;
  readonly height: number;
  /** Milliseconds that it took. */
  readonly ms: number;
}

/** A file that was made. */
export interface EncodedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly info: FileInfo;
  readonly ms: number;
}

/** A picture that was restored. */
export interface RestoredPicture extends Shown {
  readonly lostShare: number;
  readonly isAlphaLost: boolean;
}

/** Numbers of a comparison, and how long it took. */
export interface Judged extends ImageComparison {
  readonly ms: number;
}

/** Rates and packets, without what cannot cross. */
export type EncodeRequest = Omit<EncodeOptions, 'signal' | 'onProgress'>;

type OnProgress = (progress: CodecProgress) => void;

/** A picture as a bitmap that moves to the page. */
async function show(picture: Picture, ms: number): Promise<Shown> {
  const bitmap = await createImageBitmap(toImageData(picture), { premultiplyAlpha: 'none' });
  return transfer({ bitmap, width: picture.width, height: picture.height, ms }, [bitmap]);
}

/** Makes the object that the page talks to. */
export function createEngine() {
  let session: Session | undefined;
  const open = (): Session => {
    if (session) return session;
    throw new Error('expected an engine that was started');
  };

  return {
    /** Opens the backend and reads the weights. */
    async start(request: PlaceRequest, onShare: OnShare): Promise<Place> {
      session = await openSession(request, onShare);
      const { backend: _, ...place } = session.place;
      return place;
    },

    /** Opens a photo: upright, sRGB, with alpha. */
    async openPhoto(file: Blob): Promise<Shown> {
      const { result, ms } = await timed(() => fromBrowser(file));
      const own = open();
      [own.original, own.restored] = [result, undefined];
      return show(result, ms);
    },

    /** Forgets the photo: what is decoded next has no original. */
    closePhoto(): void {
      open().original = undefined;
    },

    async encode(request: EncodeRequest, signal: AbortSignal, onProgress: OnProgress): Promise<EncodedFile> {
      await turn(signal);
      const { codec, original } = open();
      const { result, ms } = await timed(() => codec.encode(original!, { ...request, signal, onProgress }));
      const bytes = Uint8Array.from(result);
      return transfer({ bytes, info: inspect(bytes), ms }, [bytes.buffer]);
    },

    async decode(bytes: Uint8Array, signal: AbortSignal, onProgress: OnProgress): Promise<RestoredPicture> {
      await turn(signal);
      const own = open();
      const { result, ms } = await timed(() => own.codec.decode(bytes, { signal, onProgress }));
      own.restored = result.image;
      const { lostShare, isAlphaLost } = result;
      const shown = await show(result.image, ms);
      return transfer({ ...shown, lostShare, isAlphaLost }, [shown.bitmap]);
    },

    /** What a file says about itself. */
    inspect,

    /** The restored picture against the photo, number by number, so that a signal gets in between them. */
    async compare(signal: AbortSignal): Promise<Judged | undefined> {
      const { original, restored, lpips } = open();
      if (!original || !restored) return undefined;
      const shorter = Math.min(original.width, original.height);
      const measure = async <T>(least: number, run: () => T): Promise<T | undefined> => {
        await turn(signal);
        return shorter < least ? undefined : run();
      };
      const { result, ms } = await timed(async () => ({
        psnr: psnr(original, restored),
        ssim: await measure(11, () => ssim(original, restored)),
        msSsim: await measure(161, () => msSsim(original, restored)),
        lpipsSqueeze: lpips && (await measure(17, () => lpips.measure(original, restored, { signal }))),
      }));
      return { ...result, ms };
    },

    /** Takes the weights of LPIPS (squeeze) from a file of the visitor's. */
    async useLpips(file: Blob): Promise<void> {
      const own = open();
      const meter = await createLpipsMeter(own.place.backend, file, { backbone: 'squeeze' });
      own.lpips?.dispose();
      own.lpips = meter;
    },

    /** The restored picture as a PNG file. */
    async restoredPng(): Promise<Blob> {
      return toBlob(open().restored!);
    },

    /** Bytes that the backend holds for us. */
    memory(): { readonly tensors: number; readonly bytes: number } {
      return open().place.backend.memory();
    },
  };
}

/** The engine, as the page sees it through Comlink. */
export type Engine = ReturnType<typeof createEngine>;
