// SPDX-License-Identifier: Apache-2.0
// node client.mjs PORT STUB BAUD IMAGE@OFFSET...: esptool-js as a page would use it, on one port.
//   PORT   rfc2217://HOST:PORT (its reset sequence reaches the board) or a terminal's path (it has no lines)
//   STUB   "stub": it uploads its own helper program; "rom": the ROM loader does all
// Prints MAC, flash id and what was written as JSON on its last line. Any disagreement ends with status 1.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ESPLoader, Transport } from "esptool-js";
import { Rfc2217Link, TtyLink, WebSerialPort } from "./web_serial.mjs";

class RomLoader extends ESPLoader {
    // What the stub finds out by itself and the ROM must be told: where its flash is, how large, and its block size.
    // (esptool-js has no call for the size; without it the ROM takes 2 MB for granted and refuses what lies above.)
    async runStub() {
        await this.flashSpiAttach(0);
        const size = 1 << ((await this.readFlashId()) >> 16 & 0xff);
        const params = [0, size, 0x10000, 0x1000, 0x100, 0xffff].flatMap((word) => [...this._intToByteArray(word)]);
        await this.checkCommand("tell the flash's size", 0x0b, new Uint8Array(params));
        this.FLASH_WRITE_SIZE = this.chip.FLASH_WRITE_SIZE;
        return this.chip;
    }

    // Every ROM but the ESP32's wants a fifth word; esptool-js 0.7.0 sends it to four chips only.
    async checkCommand(what, op, data, ...rest) {
        if (op === this.ESP_FLASH_DEFL_BEGIN && data.length === 16 && this.chip.CHIP_NAME !== "ESP32")
            data = this._appendArray(data, this._intToByteArray(0));
        return super.checkCommand(what, op, data, ...rest);
    }

    // The ROM answers in 32 hexadecimal digits, which esptool-js 0.7.0 prints as if they were the digest's bytes.
    async flashMd5sum(address, size) {
        return Buffer.from(await super.flashMd5sum(address, size), "hex").toString("latin1");
    }
}

const [portName, stub, baud, ...images] = process.argv.slice(2);
const remote = /^rfc2217:\/\/(.*):(\d+)$/.exec(portName);
const link = remote ? new Rfc2217Link(remote[1], Number(remote[2])) : new TtyLink(portName);
const lines = [];
const transport = new Transport(new WebSerialPort(link));
transport.trace = (line) => process.env.TRACE && console.error(line);
transport.tracing = Boolean(process.env.TRACE);
const Loader = stub === "rom" ? RomLoader : ESPLoader;
const loader = new Loader({
    transport,
    baudrate: Number(baud),
    terminal: { clean() {}, write: (s) => lines.push(s), writeLine: (s) => lines.push(s) },
});

const md5 = (bytes) => createHash("md5").update(bytes).digest("hex");
const fileArray = images.map((image) => {
    const at = image.lastIndexOf("@");
    return { data: new Uint8Array(readFileSync(image.slice(0, at))), address: Number(image.slice(at + 1)) };
});

try {
    const result = { chip: await loader.main() };
    result.mac = await loader.chip.readMac(loader);
    result.flash_id = (await loader.readFlashId()).toString(16);
    result.stub = loader.IS_STUB;
    await loader.writeFlash({
        fileArray,
        flashMode: "keep",
        flashFreq: "keep",
        flashSize: "keep",
        eraseAll: false,
        compress: true,
        calculateMD5Hash: md5,
    });
    result.md5 = [];
    for (const { data, address } of fileArray) {
        const want = md5(data), got = await loader.flashMd5sum(address, data.length);
        if (got !== want)
            throw new Error(`MD5 at 0x${address.toString(16)}: ${got}, the image has ${want}`);
        result.md5.push(got);
    }
    if (loader.IS_STUB) {
        const { data, address } = fileArray[0];
        const size = Math.min(data.length, 0x4000);
        const read = await loader.readFlash(address, size);
        if (md5(read) !== md5(data.subarray(0, size)))
            throw new Error(`reading 0x${address.toString(16)} back gave other bytes`);
        result.read = size;
    }
    await loader.after("hard_reset");
    result.bauds = link.counts.bauds;
    result.signals = link.counts.signals;
    if (!result.bauds.includes(Number(baud)))
        throw new Error(`the client fell back from ${baud} baud`);
    console.log(JSON.stringify(result));
    link.end();
} catch (error) {
    console.log(lines.slice(-15).join("\n"));
    console.error(`esptool-js: ${error.message}`);
    link.end();
    process.exitCode = 1;
}
