package example.mall.order;

import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Repository;

/** The orders as the database keeps them (src/main/resources/db/schema.sql). */
@Repository
public class Orders {

    private static final String SELECT = "SELECT id, member, goods, goods_name, quantity, amount, placed FROM orders ";

    private final JdbcClient jdbc;

    public Orders(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public Order add(Order order) {
        GeneratedKeyHolder key = new GeneratedKeyHolder();
        jdbc.sql("INSERT INTO orders (member, goods, goods_name, quantity, amount, placed) VALUES (?, ?, ?, ?, ?, ?)")
            .params(order.member(), order.goods(), order.goodsName(), order.quantity(), order.amount(), order.placed())
            .update(key, "id");
        return find(key.getKey().longValue()).orElseThrow();
    }

    public Optional<Order> find(long id) {
        return jdbc.sql(SELECT + "WHERE id = ?").param(id).query(Order.class).optional();
    }

    public List<Order> of(String member) {
        return jdbc.sql(SELECT + "WHERE member = ? ORDER BY id DESC").param(member).query(Order.class).list();
    }
}
