// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The words of a record, and its groups. All text may come from a program that is fenced: it is escaped as every other
// output of ringfence has it.
"use strict";


// ---------------------------------------------------------------- text

// As rf_utf8_deceives (events/text.c).
const DECEIVES = [[0x00, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x34f, 0x34f], [0x61c, 0x61c], [0x115f, 0x1160], [0x17b4, 0x17b5],
	[0x180b, 0x180f], [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0x3164, 0x3164], [0xd800, 0xdfff], [0xfe00, 0xfe0f],
	[0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xfffb], [0xe0000, 0xe0fff]];
const PLAIN = /^[!-[\]-~]*$/;
const hex = (byte) => "\\x" + byte.toString(16).padStart(2, "0");

function escaped(text) {
	text = String(text);
	if (PLAIN.test(text))
		return text;
	let out = "";
	const all = Array.from(text);
	all.forEach((c, i) => {
		const code = c.codePointAt(0);
		if (c === "\n" || c === "\t" || c === "\r")
			out += { "\n": "\\n", "\t": "\\t", "\r": "\\r" }[c];
		else if (c === "\\")
			out += "\\\\";
		else if (c === " " && (i === 0 || i + 1 === all.length || all[i - 1] === " "))
			out += "\\x20";
		else if (DECEIVES.some(([lo, hi]) => code >= lo && code <= hi))
			out += Array.from(new TextEncoder().encode(c), hex).join("");
		else
			out += c;
	});
	return out;
}

// What is no UTF-8 comes as hexadecimal digits beside it.
function bytesEscaped(digits) {
	const bytes = Uint8Array.from(digits.match(/../g) || [], (d) => parseInt(d, 16));
	let out = "";
	for (let i = 0; i < bytes.length;) {
		let n = bytes[i] < 0x80 ? 1 : bytes[i] < 0xe0 ? 2 : bytes[i] < 0xf0 ? 3 : 4, c = null;
		try {
			c = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(i, i + n));
		} catch { n = 1; }
		out += c === null ? hex(bytes[i]) : c === " " ? c : escaped(c);
		i += n;
	}
	return out;
}

function member(record, key) {
	const digits = record[key + "_hex"], value = record[key];
	if (typeof digits === "string" && /^([0-9a-f]{2})+$/.test(digits))
		return bytesEscaped(digits);
	if (value === undefined || value === null || value === "")
		return "";
	if (typeof value === "object")
		return escaped(JSON.stringify(value));
	return value === true ? "yes" : value === false ? "no" : escaped(value);
}

const number = (n) => n.toLocaleString("en");
const clock = (time) => {
	const date = new Date(time);
	return isNaN(date) ? "" : [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
};
const isDenial = (record) => record.type === "denial";
const isLost = (record) => record.type === "lost";
const countOf = (record) => (Number(record.count) || 0) + (isLost(record) ? Number(record.malformed) || 0 : 0);

function objectOf(record) {
	if (isDenial(record))
		return (member(record, "object") || "(no name)") + (record.second ? " -> " + member(record, "second") : "");
	if (isLost(record))
		return "LOST: " + (countOf(record) ? number(countOf(record)) + " more denied than told" : "an unknown number of records") +
			(record.message ? ": " + member(record, "message") : "");
	if (record.type === "more")
		return number(countOf(record)) + " more times what was told earlier";
	return (record.policy ? "policy " + member(record, "policy") + " " : "") + member(record, "type") +
		(record.revision ? ": revision " + member(record, "revision") : "") + (record.message ? ": " + member(record, "message") : "");
}

function ruleOf(record) {
	const policy = member(record, "policy") || "ringfence";
	if (record.rule)
		return policy + " " + member(record, "rule");
	if (record.guard)
		return policy + ": guard " + member(record, "guard");
	return !record.why || record.why === "rule" ? policy + " (no rule allows it)" : policy + ": " + member(record, "why");
}

const verdictOf = (record) => !isDenial(record) ? member(record, "type")
	: (record.verdict === "would-deny" ? "would deny " : "denied ") + (member(record, "access") || member(record, "hook"));
const whoOf = (record) => record.comm === undefined ? "" : member(record, "comm") + "[" + member(record, "tgid") + "]";

// ---------------------------------------------------------------- groups

const inKind = (record) => "(" + (member(record, "kind") || "no name") + ")";
const groupings = {
	rule: ruleOf,
	folder: (r) => r.kind === "file" && typeof r.object === "string" && r.object[0] === "/"
		? member(r, "object").replace(/[^/]+$/, "") : inKind(r),
	program: (r) => member(r, "exe") || member(r, "comm") || "(none)",
	destination: (r) => r.address ? escaped((r.address.includes(":") ? "[" + r.address + "]:" : r.address + ":") + r.port) : inKind(r),
	sandbox: (r) => (member(r, "sandbox") + " " + member(r, "unit")).trim(),
};
const keyOf = (record, view) => record.type === "more" && view !== "sandbox" ? "(more of what was told earlier)" : groupings[view](record);
const views = ["stream", ...Object.keys(groupings)];
