package example.mall.member;

import java.util.List;

public record Member(String id, String name, long points, List<Long> lastOrders) {
}
