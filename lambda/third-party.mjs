// Writes the licences of the packages that a build bundles, and a list of them (CycloneDX), beside its bundles.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Throws if a bundled package has no licence text. The metafiles are those of esbuild, built in `folder`. */
export function writeThirdParty(folder, metafiles) {
  const packages = bundledPackages(folder, metafiles);
  // packages of one publisher often have the same text: it is printed once
  const sections = [...new Set(packages.map(({ licenceText }) => licenceText))].map((text) => {
    const group = packages.filter(({ licenceText }) => licenceText === text);
    return `${group.map(({ name, version }) => `${name} ${version}`).join('\n')}\n\n${text}\n`;
  });
  writeFileSync(join(folder, 'dist', 'THIRD-PARTY-LICENSES'), sections.join(`\n${'-'.repeat(80)}\n\n`));
  writeFileSync(join(folder, 'dist', 'third-party.cdx.json'), `${JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    components: packages.map(({ name, version, licence }) => ({
      type: 'library',
      name,
      version,
      licenses: [{ license: { id: licence } }],
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    })),
  }, undefined, 1)}\n`);
}

function bundledPackages(folder, metafiles) {
  const bundled = metafiles.flatMap(({ outputs }) => Object.values(outputs)).flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path.includes('node_modules/'));
  const directories = new Set(bundled.map(([path]) => packageDirectory(join(folder, path))));
  const packages = [...directories].map(describePackage).sort((one, other) => one.name < other.name ? -1 : 1);
  return packages.map((described) => ({ ...described, licenceText: described.licenceText ?? textOfApache(described, packages) }));
}

/** The nearest folder above a file whose package.json has a name: some packages have nameless ones further down. */
function packageDirectory(file) {
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    const manifest = join(directory, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version !== undefined) return directory;
  }
}

function describePackage(directory) {
  const { name, version, license: licence } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  return { name, version, licence, licenceText: file && readFileSync(join(directory, file), 'utf8').trim() };
}

/** Returns the Apache License from a package that ships it: some only state it in package.json. The appendix names an owner. */
function textOfApache({ name, version, licence }, packages) {
  const text = licence === 'Apache-2.0' && packages.find((other) => other.licence === licence && other.licenceText?.includes('TERMS AND CONDITIONS'));
  if (!text) throw new Error(`${name} ${version} is bundled and must have a licence text: its package has none`);
  return text.licenceText.split('APPENDIX')[0].trim();
}
