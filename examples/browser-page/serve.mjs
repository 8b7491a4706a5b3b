// Serves this folder, packages included, on http://127.0.0.1:8080: WebGPU wants localhost or https. `npm start`.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = normalize(fileURLToPath(new URL('.', import.meta.url)));
const types = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };
const isFile = (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = normalize(join(folder, pathname === '/' ? 'index.html' : decodeURIComponent(pathname)));
  if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep) || !isFile(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
