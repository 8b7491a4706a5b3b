/** `@vqkit/images/node`: pictures from files of any format, through sharp and bmp-ts, which the application installs. */
export { type FileKind, kindBytes, kindOf } from './files/file-kind.ts';
export { listPictures, pictureExtensions } from './files/list-pictures.ts';
export { type PictureWarning, type ReadPictureOptions, readPicture } from './files/read-picture.ts';
