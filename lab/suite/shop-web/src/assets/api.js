/** The shop's services behind /api/, as functions. `send` is the browser's fetch. */
export const shop = (send = fetch) => {
  const call = async (path, options) => {
    const answer = await send(`/api${path}`, options);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  };
  return {
    goods: () => call('/goods'),
    members: () => call('/members'),
    member: (id) => call(`/members/${encodeURIComponent(id)}`),
    orders: (member) => call(`/orders?member=${encodeURIComponent(member)}`),
    order: (member, goods, quantity) =>
      call('/orders', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ member, goods, quantity }),
      }),
  };
};
