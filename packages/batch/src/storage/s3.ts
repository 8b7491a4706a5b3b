/**
 * S3-compatible storage, through the AWS SDK, which is loaded when an `s3://` location is named. Region, keys and endpoint are what
 * the SDK finds in the environment (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, …) or in its files.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { optionalPackage } from '../errors.ts';

/** Bucket and key of an `s3://bucket/key`. */
function s3Address(location: string): { readonly Bucket: string; readonly Key: string } {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(location) ?? [];
  return { Bucket, Key };
}

/** Whether a location is in S3-compatible storage. */
export function isS3(location: string): boolean {
  return location.startsWith('s3://');
}

/** Whether an error says that there is no such object. */
function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404;
}

let opened: Promise<{ readonly sdk: typeof import('@aws-sdk/client-s3'); readonly client: S3Client }> | undefined;

/** One client a process: it holds the connections. */
function connect(): NonNullable<typeof opened> {
  opened ??= optionalPackage(() => import('@aws-sdk/client-s3'), '@aws-sdk/client-s3', 's3:// locations').then(
    (sdk) => {
      // Servers of one's own seldom have a host name for each bucket, and often do not know checksums after a stream.
      const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 = AWS_ENDPOINT_URL } = process.env;
      const others = { forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' } as const;
      // A server that does not answer is given up, as behind http.
      const requestHandler = { connectionTimeout: 10_000, socketTimeout: 30_000 };
      return { sdk, client: new sdk.S3Client({ requestHandler, ...(AWS_ENDPOINT_URL_S3 && others) }) };
    },
  );
  return opened;
}

/** An object's content, or `size` bytes of it from `offset` on; `undefined` when it is not there. */
export async function readS3(
  location: string,
  range?: { readonly offset: number; readonly size: number },
): Promise<Uint8Array | undefined> {
  return (await streamS3(location, range))?.transformToByteArray();
}

/** As `readS3`, as a stream. */
export async function streamS3(location: string, range?: { readonly offset: number; readonly size: number }) {
  const { sdk, client } = await connect();
  const Range = range && `bytes=${range.offset}-${range.offset + range.size - 1}`;
  try {
    return (await client.send(new sdk.GetObjectCommand({ ...s3Address(location), Range }))).Body;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes an object from bytes, or from a local file; it is there whole or not at all. */
export async function writeS3(location: string, content: Uint8Array | string): Promise<void> {
  const { sdk, client } = await connect();
  const isFile = typeof content === 'string';
  const Body = isFile ? createReadStream(content) : content;
  const ContentLength = isFile ? (await stat(content)).size : content.length;
  await client.send(new sdk.PutObjectCommand({ ...s3Address(location), Body, ContentLength }));
}

/** Locations below a prefix, in the order of their names. */
export async function* listS3(prefix: string): AsyncGenerator<string> {
  const { sdk, client } = await connect();
  const { Bucket, Key: Prefix } = s3Address(prefix);
  for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    for (const { Key } of Contents) yield `s3://${Bucket}/${Key}`;
  }
}

/** Deletes an object, if it is there. */
export async function removeS3(location: string): Promise<void> {
  const { sdk, client } = await connect();
  await client.send(new sdk.DeleteObjectCommand(s3Address(location)));
}
