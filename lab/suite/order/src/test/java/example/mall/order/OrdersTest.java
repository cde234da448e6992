package example.mall.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.context.annotation.Import;

@JdbcTest(properties = {
    "spring.datasource.url=jdbc:h2:mem:orders;MODE=MariaDB;DATABASE_TO_LOWER=TRUE",
    "spring.sql.init.schema-locations=classpath:db/schema.sql",
})
@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
@Import(Orders.class)
class OrdersTest {

    private static final LocalDateTime PLACED = LocalDateTime.of(2026, 11, 23, 12, 0);

    @Autowired
    private Orders orders;

    @Test
    void keepsAnOrder() {
        Order kept = orders.add(order("m-1", 2));

        assertThat(kept.id()).isPositive();
        assertThat(orders.find(kept.id())).hasValue(kept);
        assertThat(kept.amount()).isEqualByComparingTo("179.00");
        assertThat(kept.placed()).isEqualTo(PLACED);
    }

    @Test
    void listsTheOrdersOfAMemberLatestFirst() {
        Order first = orders.add(order("m-1", 1));
        orders.add(order("m-2", 1));
        Order second = orders.add(order("m-1", 3));

        assertThat(orders.of("m-1")).containsExactly(second, first);
        assertThat(orders.of("m-3")).isEmpty();
    }

    private static Order order(String member, int quantity) {
        return new Order(null, member, 7, "Teapot", quantity, new BigDecimal("89.50").multiply(BigDecimal.valueOf(quantity)), PLACED);
    }
}
