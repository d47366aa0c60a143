'use strict';
const all = (within, what) => [...within.querySelectorAll(what)];
const lower = (elements) => elements.map((e) => e.textContent).join('\n').toLowerCase();
const field = document.querySelector('#search');
const wide = matchMedia('(min-width: 60rem)');
const index = document.querySelector('nav details');

const nodes = all(document, '.node').map((node) => ({
	node,
	link: document.querySelector('nav a[href="#' + CSS.escape(node.id) + '"]').parentElement,
	about: lower(all(node, '.about .find')),
	events: all(node, '.event').map((event) => ({ event, text: lower(all(event, '.find')) })),
}));

// An event is found if it, together with its node, has every word.
function search() {
	const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
	let found = 0;
	let total = 0;
	for (const { node, link, about, events } of nodes) {
		let here = 0;
		for (const { event, text } of events) {
			event.hidden = !words.every((word) => about.includes(word) || text.includes(word));
			here += event.hidden ? 0 : 1;
		}
		node.hidden = link.hidden = here === 0 && words.length > 0;
		found += here;
		total += events.length;
	}
	for (const [groups, parts] of [['.service', '.node'], ['nav details > ul > li', 'li']]) {
		for (const group of all(document, groups)) group.hidden = all(group, parts).every((part) => part.hidden);
	}
	for (const part of all(document, '.whole')) part.hidden = words.length > 0;
	const events = total === 1 ? ' event' : ' events';
	document.querySelector('#count').textContent = words.length > 0 ? found + ' of ' + total + events : total + events;
}

// A link may lead to an event that is closed, or hidden by the search.
function arrive() {
	const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
	if (!target) return;
	if (target.closest('[hidden]')) {
		field.value = '';
		search();
	}
	if (target.matches('.event')) target.open = true;
	target.scrollIntoView();
	(target.querySelector(':scope > summary') ?? target).focus({ preventScroll: true });
}

// The arrows of a box stand out while somebody is at it.
for (const box of all(document, '.box')) {
	for (const [event, lit] of [['mouseenter', true], ['mouseleave', false], ['focusin', true], ['focusout', false]]) {
		box.addEventListener(event, () => {
			for (const arrow of all(document, `.arrow[data-ends~="${box.dataset.box}"]`)) arrow.classList.toggle('lit', lit);
		});
	}
}

if (field) {
	field.closest('[hidden]').hidden = false;
	field.addEventListener('input', () => {
		search();
		if (scrollY > field.closest('search').offsetTop) document.querySelector('#main').scrollIntoView({ behavior: 'instant' });
	});
	field.addEventListener('keydown', (key) => {
		if (key.key !== 'Enter') return;
		key.preventDefault(); // or what gets the focus gets the key too
		document.querySelector('.event:not([hidden]) > summary')?.focus();
	});
	search(); // a browser that comes back may have kept the words
	index.open = wide.matches;
	wide.addEventListener('change', () => { index.open = wide.matches; });
	addEventListener('hashchange', arrive);
	arrive();
}
