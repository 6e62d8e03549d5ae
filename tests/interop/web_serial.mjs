// SPDX-License-Identifier: Apache-2.0
// A Web Serial port (what browsers give to pages) over what Node has: a TCP connection that speaks RFC 2217, or a
// terminal device. Only what the standard's SerialPort has; reopening it changes the baud rate, as in a browser.
import { execFileSync } from "node:child_process";
import { openSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { ReadStream } from "node:tty";

const IAC = 255, SE = 240, SB = 250, WILL = 251, DO = 253, DONT = 254;
const BINARY = 0, SUPPRESS_GO_AHEAD = 3, COM_PORT = 44;
const SET_BAUDRATE = 1, SET_DATASIZE = 2, SET_PARITY = 3, SET_STOPSIZE = 4, SET_CONTROL = 5, PURGE_DATA = 12;
const REPLY = 100;

// A port behind RFC 2217. Each request waits for the server's answer, so lines and rates are in force on return.
export class Rfc2217Link {
    constructor(host, port) {
        this.host = host;
        this.port = port;
        this.onData = () => {};
        this.waiting = [];
        this.state = "data";
        this.sub = [];
        this.counts = { signals: 0, bauds: [] };
    }

    async open(baud) {
        if (!this.socket) {
            this.socket = connect(this.port, this.host);
            this.socket.setNoDelay(true);
            await new Promise((resolve, reject) => {
                this.socket.once("connect", resolve);
                this.socket.once("error", reject);
            });
            this.socket.on("data", (bytes) => this.feed(bytes));
            this.socket.on("error", () => this.socket.destroy());
            this.socket.on("close", () => this.waiting.splice(0).forEach((w) => w.reject(new Error("connection lost"))));
            this.socket.write(Buffer.from([IAC, WILL, COM_PORT, IAC, WILL, BINARY, IAC, DO, BINARY,
                IAC, DO, SUPPRESS_GO_AHEAD]));
            await this.request(SET_DATASIZE, [8]);
            await this.request(SET_PARITY, [1]);
            await this.request(SET_STOPSIZE, [1]);
            await this.request(SET_CONTROL, [1]);
            await this.request(PURGE_DATA, [3]);
        }
        const answer = await this.request(SET_BAUDRATE, [baud >>> 24, (baud >>> 16) & 255, (baud >>> 8) & 255, baud & 255]);
        const made = Buffer.from(answer).readUInt32BE(0);
        if (Math.abs(made - baud) > baud * 0.02)
            throw new Error(`asked for ${baud} baud, the server made ${made}`);
        this.counts.bauds.push(baud);
    }

    async signals({ dataTerminalReady, requestToSend }) {
        if (dataTerminalReady !== undefined)
            await this.request(SET_CONTROL, [dataTerminalReady ? 8 : 9]);
        if (requestToSend !== undefined)
            await this.request(SET_CONTROL, [requestToSend ? 11 : 12]);
        this.counts.signals++;
    }

    request(command, data) {
        const escaped = data.flatMap((b) => (b === IAC ? [IAC, IAC] : [b]));
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`RFC 2217: no answer to request ${command}`)), 5000);
            this.waiting.push({
                command: command + REPLY,
                resolve: (v) => { clearTimeout(timer); resolve(v); },
                reject: (e) => { clearTimeout(timer); reject(e); },
            });
            this.socket.write(Buffer.from([IAC, SB, COM_PORT, command, ...escaped, IAC, SE]));
        });
    }

    write(bytes) {
        const escaped = [];
        for (const b of bytes)
            b === IAC ? escaped.push(IAC, IAC) : escaped.push(b);
        return new Promise((resolve, reject) => this.socket.write(Buffer.from(escaped), (e) => (e ? reject(e) : resolve())));
    }

    feed(bytes) {
        const data = [];
        for (const b of bytes) {
            if (this.state === "data") {
                if (b === IAC) this.state = "iac";
                else data.push(b);
            } else if (this.state === "iac") {
                if (b === IAC) { data.push(b); this.state = "data"; }
                else if (b === SB) { this.sub = []; this.state = "sub"; }
                else if (b >= WILL && b <= DONT) this.state = "option";
                else this.state = "data";
            } else if (this.state === "option") {
                this.state = "data";
            } else if (this.state === "sub") {
                if (b === IAC) this.state = "sub-iac";
                else this.sub.push(b);
            } else {
                if (b === IAC) { this.sub.push(b); this.state = "sub"; }
                else { this.state = "data"; this.answered(this.sub); }
            }
        }
        if (data.length)
            this.onData(Uint8Array.from(data));
    }

    answered(sub) {
        if (sub[0] !== COM_PORT)
            return;
        const i = this.waiting.findIndex((w) => w.command === sub[1]);
        if (i >= 0)
            this.waiting.splice(i, 1)[0].resolve(sub.slice(2));
    }

    end() {
        this.socket?.destroy();
    }
}

// A terminal device. The rate is set by stty; a pseudo-terminal has no modem lines, so signals go nowhere.
export class TtyLink {
    constructor(path) {
        this.path = path;
        this.onData = () => {};
        this.counts = { signals: 0, bauds: [] };
    }

    async open(baud) {
        // Held open while stty works: the other end would take its closing for a hang-up.
        this.fd ??= openSync(this.path, "r+");
        execFileSync("stty", ["-F", this.path, "raw", "-echo", "clocal", String(baud)]);
        this.counts.bauds.push(baud);
        if (!this.stream) {
            this.stream = new ReadStream(this.fd);
            this.stream.on("data", (bytes) => this.onData(Uint8Array.from(bytes)));
            this.stream.on("error", () => {});
        }
    }

    async signals() {
        this.counts.signals++;
    }

    async write(bytes) {
        for (let at = 0; at < bytes.length;) {
            try {
                at += writeSync(this.fd, bytes, at);
            } catch (e) {
                if (e.code !== "EAGAIN")
                    throw e;
                await new Promise((resolve) => setTimeout(resolve, 1));
            }
        }
    }

    end() {
        this.stream?.destroy();
    }
}

export class WebSerialPort {
    constructor(link) {
        this.link = link;
        this.readable = null;
        this.writable = null;
    }

    getInfo() {
        return {};
    }

    async open({ baudRate }) {
        if (this.readable)
            throw new DOMException("The port is already open.", "InvalidStateError");
        await this.link.open(baudRate);
        this.readable = new ReadableStream({
            start: (controller) => {
                this.link.onData = (bytes) => controller.enqueue(bytes);
            },
            cancel: () => {
                this.link.onData = () => {};
                this.readable = null;
            },
        });
        this.writable = new WritableStream({ write: (bytes) => this.link.write(bytes) });
    }

    async setSignals(signals) {
        await this.link.signals(signals);
    }

    async close() {
        this.link.onData = () => {};
        this.readable = null;
        this.writable = null;
    }
}
