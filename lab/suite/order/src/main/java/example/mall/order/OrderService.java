package example.mall.order;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import org.springframework.stereotype.Service;

@Service
public class OrderService {

    private final Orders orders;
    private final GoodsClient goods;
    private final MemberClient members;

    public OrderService(Orders orders, GoodsClient goods, MemberClient members) {
        this.orders = orders;
        this.goods = goods;
        this.members = members;
    }

    /** Keeps the order at today's price and credits the member one point for each full unit of money. */
    public Order place(String member, long goodsId, int quantity) {
        String buyer = members.get(member).id();
        GoodsClient.Goods bought = goods.get(goodsId);
        BigDecimal amount = bought.price().multiply(BigDecimal.valueOf(quantity));
        LocalDateTime now = LocalDateTime.now(Clock.systemUTC()).truncatedTo(ChronoUnit.SECONDS);
        Order order = orders.add(new Order(null, buyer, bought.id(), bought.name(), quantity, amount, now));
        members.credit(buyer, new MemberClient.Credit(order.id(), amount.setScale(0, RoundingMode.DOWN).longValue()));
        return order;
    }
}
