// Unpacks Chromium, fonts and the libraries that a bare machine lacks into the temp folder, and prints where it is and its environment.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x'; // the package unpacks its libraries only where it believes that it runs on Lambda

const { default: chromium } = await import('@sparticuz/chromium');
chromium.setGraphicsMode = false;
const executablePath = await chromium.executablePath();
const { LD_LIBRARY_PATH, FONTCONFIG_PATH } = process.env;
// the package's own configuration finds no font outside of /tmp
writeFileSync(join(FONTCONFIG_PATH, 'fonts.conf'), `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>${FONTCONFIG_PATH}</dir><cachedir>${join(tmpdir(), 'fonts-cache')}</cachedir></fontconfig>
`);
console.log(JSON.stringify({ executablePath, env: { LD_LIBRARY_PATH, FONTCONFIG_PATH } }));
