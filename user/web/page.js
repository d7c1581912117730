// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The live view. What a record says goes through words.js, and into the page by textContent alone.
"use strict";

const ROWS = 5000;	// that are kept, and as many that are held while paused
const TAIL = 1000;	// of what happened before
const GROUPS = 2000;	// different ones of each kind; what else comes is counted as others
const SECONDS = 60;	// for which rates are known
const $ = (id) => document.getElementById(id);

// ---------------------------------------------------------------- what is known

let rows, held, sums, groups, perSecond, lastId, dropped, skew = 0;
let view = "stream", only = null, shown = [], unseen = 0, following = true, paused = false, chosen = null, policies = [];

function forget() {
	rows = [], held = [], shown = [], unseen = 0, dropped = 0, lastId = 0, perSecond = new Map(), chosen = null;
	sums = { told: 0, merged: 0, lost: 0, unknown: 0 };
	groups = Object.fromEntries(Object.keys(groupings).map((name) => [name, { map: new Map(), others: 0 }]));
}

function addToGroups(record, count) {
	for (const name in groupings) {
		const key = keyOf(record, name), group = groups[name].map.get(key);
		if (group) {
			group.count += count;
			group.last = record.time || group.last;
		} else if (groups[name].map.size < GROUPS)
			groups[name].map.set(key, { key, count, last: record.time, would: record.verdict === "would-deny" });
		else
			groups[name].others += count;
	}
}

function addToSums(record) {
	const count = countOf(record), again = record.type === "more" || record.again ? 1 : 0;
	if (isLost(record)) {
		sums.lost += count;
		sums.unknown += count ? 0 : 1;
	} else if (isDenial(record) || record.type === "more") {
		sums.told += 1 - again;
		sums.merged += count - (1 - again);
		addToGroups(record, count);
		const second = Math.floor(Date.parse(record.time) / 1000);
		if (second > hostSecond() - SECONDS)
			perSecond.set(second, (perSecond.get(second) || 0) + count);
	}
}

const hostSecond = () => Math.floor((Date.now() + skew) / 1000);
const isShown = (record) => !only || isLost(record) || ((isDenial(record) || record.type === "more") && keyOf(record, only.view) === only.key);

function keep(record) {
	rows.push(record);
	if (isShown(record)) {
		shown.push(record);
		unseen += following ? 0 : 1;
	}
	if (rows.length < ROWS + 500)
		return;
	rows.splice(0, rows.length - ROWS);
	const first = rows[0], at = shown.findIndex((r) => r.n >= first.n), gone = at < 0 ? shown.length : at;
	shown.splice(0, gone);
	dropped += gone;
}

let arrived = 0;
function add(record) {
	record.n = arrived++;
	addToSums(record);
	if (paused) {
		held.push(record);
		if (held.length > ROWS)
			held.shift();
	} else
		keep(record);
	if (record.type === "applied" || record.type === "deleted" || record.type === "drifted")
		refresh();
	draw();
}

// ---------------------------------------------------------------- the agent

let token = "", stop = null, generation = 0;

function takeToken() {
	const match = /^#token=([0-9a-f]{64})$/.exec(location.hash);
	if (match) {
		// Kept for this origin alone, which another port of this host is not; and out of the address bar.
		sessionStorage.setItem("token", match[1]);
		history.replaceState(null, "", "/");
	}
	token = sessionStorage.getItem("token") || "";
}

const ask = (path, more) => fetch(path, { ...more, headers: { Authorization: "Bearer " + token, ...(more || {}).headers } });

let fresh = 0;
async function refresh() {
	if (Date.now() - fresh < 500)
		return;
	fresh = Date.now();
	try {
		const [list, version] = await Promise.all([ask("/v1/policies"), ask("/v1/version")]);
		if (!list.ok || !version.ok)
			return;
		policies = (await list.json()).items;
		$("agent").textContent = "agent " + escaped((await version.json()).version);
		drawPolicies();
	} catch { /* the stream says that the agent is gone */ }
}

function state(word, kind) {
	$("state").textContent = word;
	$("state").className = "pill " + kind;
}

function onLine(data) {
	const event = JSON.parse(data);
	if (event.revision)
		lastId = event.revision;
	if (event.type === "EVENT")
		add(event.object);
	else if (event.type === "LOST")
		add({ type: "lost", message: event.message, id: event.revision });
	else if (event.type === "SYNC" || event.type === "PING") {
		refresh();
		draw();
	} else if (event.type === "END")
		state("agent: " + escaped(event.message), "down");
}

async function read(answer, mine) {
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	let text = "";
	for (;;) {
		const { value, done } = await reader.read();
		if (done || mine !== generation)
			return;
		text += value;
		const blocks = text.split("\n\n");
		text = blocks.pop();
		for (const block of blocks)
			for (const line of block.split("\n"))
				if (line.startsWith("data: "))
					onLine(line.slice(6));
	}
}

function problem(text) {
	$("problem").textContent = escaped(text || "");
	$("problem").hidden = !text;
	$("filter").setAttribute("aria-invalid", text ? "true" : "false");
}

// Follows what happens, until another is begun; comes back to where it was whenever it ends.
async function follow() {
	const mine = ++generation, filter = $("filter").value.trim();
	if (stop)
		stop.abort();
	forget();
	draw();
	for (let wait = 0; mine === generation; wait = 1000) {
		stop = new AbortController();
		try {
			const answer = await ask("/v1/events?watch=1&tail=" + TAIL + (filter ? "&filter=" + encodeURIComponent(filter) : ""),
				{ signal: stop.signal, headers: { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": String(lastId) } : {}) } });
			if (mine !== generation)
				return;
			if (answer.status === 401) {
				$("token").hidden = false;
				state("no token", "down");
				return;
			}
			if (!answer.ok) {
				const said = (await answer.json()).error.message;
				if (answer.status === 400) {
					problem(said);
					state("filter?", "down");
					return;
				}
				throw new Error(said);
			}
			problem("");
			skew = Date.parse(answer.headers.get("Date")) - Date.now() || 0;
			state(paused ? "paused" : "live", paused ? "" : "live");
			await read(answer, mine);
		} catch (error) {
			if (mine !== generation)
				return;
		}
		if (mine !== generation)
			return;
		state("agent is gone, reconnecting", "down");
		await new Promise((resume) => setTimeout(resume, wait || 300));
	}
}

// ---------------------------------------------------------------- drawing

// Once a frame, however much came.
let due = false;
function draw() {
	if (!due) {
		due = true;
		requestAnimationFrame(() => {
			due = false;
			drawHead();
			if (view === "stream")
				drawRows();
			else
				drawGroups();
		});
	}
}

function make(tag, name, text, parent) {
	const element = document.createElement(tag);
	if (name)
		element.className = name;
	if (text !== undefined)
		element.textContent = text;
	if (parent)
		parent.append(element);
	return element;
}

function modeOf(policy) {
	const in_force = (policy.status.conditions || []).find((c) => c.type === "Enforced");
	if (in_force && in_force.status === "False")
		return ["NOT IN FORCE", "OFF", in_force.message];
	return policy.status.mode === "audit" ? ["AUDIT", "AUDIT", "told and not refused"] : ["ENFORCE", "ENFORCE", (in_force || {}).message || ""];
}

function drawPolicies() {
	$("policies").replaceChildren();
	for (const policy of policies.slice(0, 50)) {
		const [word, name, why] = modeOf(policy), chip = make("span", "policy", undefined, $("policies"));
		chip.title = escaped(why);
		make("span", "name", escaped(policy.metadata.name), chip);
		make("span", "mode " + name, word, chip);
	}
	if (policies.length > 50)
		make("span", "dim", "and " + (policies.length - 50) + " more", $("policies"));
	if (!policies.length)
		make("span", "dim", "no policy is applied", $("policies"));
}

function drawHead() {
	const now = hostSecond(), made = sums.told + sums.merged + sums.lost;
	let path = "", rate = 0, most = 1;
	for (const second of perSecond.keys())
		if (second <= now - SECONDS)
			perSecond.delete(second);
	perSecond.forEach((n, second) => { rate += n; most = Math.max(most, n); });
	perSecond.forEach((n, second) => {
		const height = Math.max(1, n / most * 16), x = Math.min(59, SECONDS - 1 - (now - second));
		path += `M${x} 16v${-height}h.8v${height}z`;
	});
	$("spark").firstElementChild.setAttribute("d", path);
	$("rate").textContent = number(rate);
	$("sums").replaceChildren("made ", make("b", "", number(made)), " = told " + number(sums.told) + " + merged " + number(sums.merged) +
		(sums.lost ? " + lost " + number(sums.lost) : ""));
	$("lost").hidden = !sums.lost && !sums.unknown;
	$("lost").textContent = "LOST " + (sums.lost ? number(sums.lost) : "") + (sums.unknown ? (sums.lost ? " and" : "") + " an unknown number" : "");
	$("empty").hidden = view !== "stream" || shown.length > 0;
	$("empty").textContent = $("filter").value || only ? "Nothing that happened passes." : "Nothing was denied yet.";
	$("new").hidden = view !== "stream" || !(paused ? held.length : unseen);
	$("new").textContent = paused ? number(held.length) + (held.length === ROWS ? "+" : "") + " held: go on" : number(unseen) + " new ↓";
}

function rowOf(record) {
	const row = make("div", "row"), object = make("span", "cell object");
	row.setAttribute("role", "option");
	row.setAttribute("aria-selected", String(record === chosen));
	row.id = "r" + record.n;
	row.classList.add(isLost(record) ? "gap" : !isDenial(record) ? "other" : record.verdict === "would-deny" ? "would" : "denied");
	make("span", "cell time", clock(record.time), row);
	make("span", "tag", verdictOf(record), make("span", "cell verdict", undefined, row));
	row.append(object);
	if (record.again || (isDenial(record) && countOf(record) > 1))
		make("span", "times", number(countOf(record)) + (record.again ? " more × " : " × "), object);
	object.append(objectOf(record));
	object.title = object.textContent;
	make("span", "cell who", whoOf(record), row);
	make("span", "cell by", isDenial(record) ? ruleOf(record) + (record.reason ? " “" + member(record, "reason") + "”" : "") : "", row);
	row.onclick = () => choose(record, true);
	return row;
}

const rowHeight = () => parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10);

// Only what can be seen is there: of 5,000 rows some forty.
function drawRows() {
	const list = $("list"), height = rowHeight();
	$("space").style.height = shown.length * height + "px";
	if (following)
		list.scrollTop = shown.length * height;
	else if (dropped)
		list.scrollTop -= dropped * height;
	dropped = 0;
	const first = Math.max(0, Math.floor(list.scrollTop / height) - 5), last = first + Math.ceil(list.clientHeight / height) + 10;
	$("rows").style.transform = `translateY(${first * height}px)`;
	$("rows").replaceChildren(...shown.slice(first, last).map(rowOf));
	if (chosen && shown.includes(chosen))
		list.setAttribute("aria-activedescendant", "r" + chosen.n);
	else
		list.removeAttribute("aria-activedescendant");
}

function drawGroups() {
	const known = groups[view], all = [...known.map.values()].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
	const made = sums.told + sums.merged, body = $("groups").querySelector("tbody"), top = all.slice(0, 300);
	const head = make("tr");
	[["n", "denials"], ["n wide", ""], ["n", "last"], ["", view]].forEach(([name, text]) => make("th", name, text, head));
	$("groups").querySelector("thead").replaceChildren(head);
	body.replaceChildren(...top.map((group) => {
		const row = make("tr"), meter = document.createElement("meter");
		make("td", "n", number(group.count), row);
		meter.max = made || 1;
		meter.value = group.count;
		make("td", "n wide", undefined, row).append(meter);
		make("td", "n time", clock(group.last), row);
		make("td", "key", (group.would ? "audit " : "") + group.key, row).title = group.key;
		row.tabIndex = 0;
		row.onclick = () => narrow({ view, key: group.key });
		row.onkeydown = (event) => event.key === "Enter" && row.onclick();
		return row;
	}));
	const rest = known.others + all.slice(300).reduce((sum, group) => sum + group.count, 0), row = make("tr", "sum", undefined, body);
	make("td", "n", number(made), row);
	make("td", "n wide", "", row);
	make("td", "n", "", row);
	make("td", "key", "all that were told, of which " + number(rest) + " are in groups that are not shown" +
		(sums.lost ? "; " + number(sums.lost) + " LOST are in none" : ""), row);
}

// ---------------------------------------------------------------- one denial

const labels = [["object", "object"], ["second", "new name"], ["kind", "kind"], ["target", "target"], ["protocol", "protocol"],
	["socket", "socket"], ["policy", "policy"], ["rule", "rule"], ["where", "where"], ["reason", "reason"], ["why", "why"],
	["guard", "guard"], ["quiet", "quiet"], ["fault", "fault"], ["exe", "program"], ["comm", "process"], ["tgid", "pid"], ["pid", "thread"], ["uid", "user"],
	["parents", "parents"], ["unit", "unit"], ["cgroup", "cgroup"], ["sandbox", "sandbox"], ["hook", "hook"], ["errno", "errno"],
	["generation", "generation"], ["count", "count"], ["again", "repeats"], ["time", "time"], ["message", "message"],
	["revision", "revision"], ["malformed", "malformed"], ["id", "id"]];

// The rule's lines in the policy as it is applied now.
function ruleLines(record) {
	const policy = policies.find((p) => p.metadata.name === record.policy), at = /:(\d+)$/.exec(record.where || "");
	if (!policy || !at || typeof policy.text !== "string")
		return "";
	const lines = policy.text.split("\n"), first = Number(at[1]) - (policy.metadata.line || 1);
	const depth = (line) => line.search(/\S/);
	if (!lines[first])
		return "";
	let last = first + 1;
	while (last < lines.length && last < first + 12 && depth(lines[last]) > depth(lines[first]))
		last++;
	return lines.slice(first, last).map((line, i) => String(Number(at[1]) + i).padStart(5) + "  " + escaped(line.trimEnd()).replace(/^(\\x20)+/,
		(all) => " ".repeat(all.length / 4))).join("\n");
}

function drawDetails() {
	const fields = $("fields"), done = new Set(["type", "verdict", "access", "boot", "n"]);
	const put = (label, text) => {
		if (text !== "") {
			make("dt", "", label, fields);
			make("dd", "", text, fields);
		}
	};
	$("details").hidden = !chosen || view !== "stream";
	document.querySelector("main").classList.toggle("detailed", !$("details").hidden);
	if ($("details").hidden)
		return;
	fields.replaceChildren();
	$("what").textContent = verdictOf(chosen);
	for (const [key, label] of labels) {
		done.add(key);
		if (key === "parents")
			put(label, (Array.isArray(chosen.parents) ? chosen.parents : []).map(whoOf).join(" < "));
		else
			put(label, member(chosen, key));
	}
	for (const key in chosen)
		if (!done.has(key) && !key.endsWith("_hex"))
			put(escaped(key), member(chosen, key));
	$("rule").textContent = ruleLines(chosen);
	$("rule").hidden = !$("rule").textContent;
}

// ---------------------------------------------------------------- what is done

function choose(record, open) {
	chosen = record;
	if (record)
		following = false;
	if (open || !record || !$("details").hidden)
		drawDetails();
	draw();
}

function setFollowing(on) {
	following = on;
	unseen = on ? 0 : unseen;
	draw();
}

function setPaused(on) {
	paused = on;
	$("pause").setAttribute("aria-pressed", String(on));
	$("pause").textContent = on ? "Go on" : "Pause";
	if ($("state").className !== "pill down")
		state(on ? "paused" : "live", on ? "" : "live");
	if (!on)
		held.splice(0).forEach(keep);
	draw();
}

function narrow(to) {
	only = to;
	shown = rows.filter(isShown);
	dropped = 0;
	$("only").hidden = !to;
	$("only").textContent = to ? to.view + ": " + to.key + "  ✕" : "";
	setFollowing(true);
	setView("stream");
}

function setView(to) {
	view = to;
	for (const button of $("views").children)
		button.setAttribute("aria-pressed", String(button.textContent === to));
	$("list").hidden = to !== "stream";
	$("groups").hidden = to === "stream";
	drawDetails();
	draw();
}

function step(by) {
	const at = chosen ? shown.indexOf(chosen) : shown.length, height = rowHeight(), list = $("list");
	const to = Math.min(shown.length - 1, Math.max(0, (at < 0 ? shown.length : at) + by));
	if (!shown[to])
		return;
	choose(shown[to], false);
	if (to * height < list.scrollTop)
		list.scrollTop = to * height;
	else if ((to + 1) * height > list.scrollTop + list.clientHeight)
		list.scrollTop = (to + 1) * height - list.clientHeight;
}

function onKey(event) {
	const typing = event.target === $("filter");
	if (event.ctrlKey || event.altKey || event.metaKey)
		return;
	if (event.key === "Escape") {
		if ($("keys").open)
			return;
		if (typing && !$("filter").value)
			$("list").focus();
		else if (typing)
			$("filter").value = "", follow();
		else if (chosen)
			choose(null), setFollowing(true);
		else if (only)
			narrow(null);
		return;
	}
	if (typing) {
		if (event.key === "Enter")
			$("list").focus();
		return;
	}
	const page = Math.max(1, Math.floor($("list").clientHeight / rowHeight()) - 1);
	const moves = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity };
	if (event.key === "/")
		$("filter").focus();
	else if (event.key === "f")
		choose(null), setFollowing(true);
	else if (event.key === "p")
		setPaused(!paused);
	else if (event.key === "g")
		setView(views[(views.indexOf(view) + 1) % views.length]);
	else if (event.key === "?")
		$("keys").showModal();
	else if (event.key === "Enter" && chosen && !event.target.closest("button, tr"))
		drawDetails();
	else if (view === "stream" && event.key in moves)
		step(moves[event.key]);
	else
		return;
	event.preventDefault();
}

function onScroll() {
	const list = $("list"), end = list.scrollHeight - list.clientHeight - list.scrollTop < rowHeight() / 2;
	if (end !== following && !chosen)
		setFollowing(end);
	draw();
}

function begin() {
	let typed = 0;
	takeToken();
	forget();
	for (const name of views)
		make("button", "", name, $("views")).onclick = () => setView(name);
	$("filter").oninput = () => {
		clearTimeout(typed);
		typed = setTimeout(follow, 250);
	};
	$("pause").onclick = () => setPaused(!paused);
	$("only").onclick = () => narrow(null);
	$("close").onclick = () => choose(null);
	$("new").onclick = () => { choose(null); setPaused(false); setFollowing(true); };
	$("keys").onclick = () => $("keys").close();
	// What a person scrolls, and not what comes: that it moves by itself is no wish to stop.
	$("list").addEventListener("scroll", onScroll, { passive: true });
	addEventListener("keydown", onKey);
	addEventListener("hashchange", () => { takeToken(); $("token").hidden = true; refresh(); follow(); });
	setInterval(draw, 1000); // the sparkline moves though nothing comes
	new ResizeObserver(draw).observe($("list"));
	setView("stream");
	refresh();
	follow();
}

begin();
