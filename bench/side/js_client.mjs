// SPDX-License-Identifier: Apache-2.0
// node js_client.mjs MODULE PORT BAUD IMAGE@OFFSET: esptool-js as a page would use it, and nothing beside writing and its own check.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { TtyLink, WebSerialPort } from "../../tests/interop/web_serial.mjs";

const [module, port, baud, image] = process.argv.slice(2);
const entry = JSON.parse(readFileSync(`${module}/package.json`));
const { ESPLoader, Transport } = await import(pathToFileURL(`${module}/${entry.module ?? entry.main}`));
const link = new TtyLink(port);
const quiet = { clean() {}, write() {}, writeLine() {} };
const loader = new ESPLoader({ transport: new Transport(new WebSerialPort(link)), baudrate: Number(baud), terminal: quiet });
try {
    await loader.main();
    const at = image.lastIndexOf("@");
    const began = performance.now();
    await loader.writeFlash({
        fileArray: [{ data: new Uint8Array(readFileSync(image.slice(0, at))), address: Number(image.slice(at + 1)) }],
        flashMode: "keep",
        flashFreq: "keep",
        flashSize: "keep",
        eraseAll: false,
        compress: true,
        calculateMD5Hash: (bytes) => createHash("md5").update(bytes).digest("hex"),
    });
    console.log(JSON.stringify({ write_s: (performance.now() - began) / 1000 }));
} catch (error) {
    console.error(`esptool-js: ${error.message}`);
    process.exitCode = 1;
}
link.end();
