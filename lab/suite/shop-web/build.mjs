// Builds dist/: every asset under a name that carries its digest, so that browsers may keep it for ever.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';

const source = new URL('src/', import.meta.url);
const target = new URL('dist/', import.meta.url);

const hashedName = (name, content) => {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 8);
  return name.replace(/(\.\w+)$/, `-${digest}$1`);
};

const withNames = (text, names) =>
  [...names].reduce((changed, [name, hashed]) => changed.replaceAll(`./${name}`, `./${hashed}`), text);

await rm(target, { recursive: true, force: true });
await mkdir(new URL('assets/', target), { recursive: true });

const assets = (await readdir(new URL('assets/', source))).sort();
// app.js imports the others, so its own digest must come after theirs.
const ordered = [...assets.filter((name) => name !== 'app.js'), 'app.js'];
const names = new Map();
for (const name of ordered) {
  const content = withNames(await readFile(new URL(`assets/${name}`, source), 'utf8'), names);
  names.set(name, hashedName(name, content));
  await writeFile(new URL(`assets/${names.get(name)}`, target), content);
}

const pages = new Map([...names].map(([name, hashed]) => [`assets/${name}`, `assets/${hashed}`]));
const index = await readFile(new URL('index.html', source), 'utf8');
await writeFile(new URL('index.html', target), withNames(index, pages));
