import { shop } from './api.js';

const api = shop();
const at = (id) => document.getElementById(id);

const row = (...cells) => {
  const line = document.createElement('tr');
  for (const cell of cells) {
    const box = document.createElement('td');
    box.append(cell);
    line.append(box);
  }
  return line;
};

const button = (text, action) => {
  const made = document.createElement('button');
  made.textContent = text;
  made.addEventListener('click', action);
  return made;
};

const telling = (action) => async (...given) => {
  try {
    at('message').textContent = (await action(...given)) ?? '';
  } catch (error) {
    at('message').textContent = `Sorry: ${error.message}`;
  }
};

const showMember = telling(async () => {
  const id = at('member').value;
  const [member, orders] = await Promise.all([api.member(id), api.orders(id)]);
  at('points').textContent = `${member.points} points`;
  at('orders').replaceChildren(
    ...orders.map((o) => row(o.id, o.placed.replace('T', ' '), o.goodsName, o.quantity, o.amount.toFixed(2))),
  );
});

const buy = telling(async (goods) => {
  const order = await api.order(at('member').value, goods.id, 1);
  await showMember();
  return `Order ${order.id} is placed.`;
});

telling(async () => {
  const [goods, members] = await Promise.all([api.goods(), api.members()]);
  at('goods').replaceChildren(...goods.map((g) => row(g.name, g.price.toFixed(2), button('Buy', () => buy(g)))));
  at('member').replaceChildren(...members.map((m) => new Option(m.name, m.id)));
  at('member').addEventListener('change', showMember);
  await showMember();
})();
