package example.mall.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

@WebMvcTest
class MemberControllerTest {

    @MockitoBean
    private Members members;

    @Autowired
    private MockMvcTester shop;

    @Test
    void showsPointsAndLastOrders() {
        given(members.find("m-1")).willReturn(Optional.of(new Member("m-1", "Wang Fang", 120, List.of(9L, 4L))));

        assertThat(shop.get().uri("/members/m-1")).hasStatusOk().bodyJson()
            .isStrictlyEqualTo("{\"id\": \"m-1\", \"name\": \"Wang Fang\", \"points\": 120, \"lastOrders\": [9, 4]}");
    }

    @Test
    void creditsAnOrder() {
        given(members.credit("m-1", 10, 42)).willReturn(Optional.of(new Member("m-1", "Wang Fang", 162, List.of(10L))));

        assertThat(credit("m-1")).hasStatusOk().bodyJson().extractingPath("$.points").isEqualTo(162);
    }

    @Test
    void doesNotKnowStrangers() {
        assertThat(shop.get().uri("/members/nobody")).hasStatus(HttpStatus.NOT_FOUND);
        assertThat(credit("nobody")).hasStatus(HttpStatus.NOT_FOUND);
    }

    private MockMvcTester.MockMvcRequestBuilder credit(String member) {
        return shop.post().uri("/members/{id}/points", member)
            .contentType(MediaType.APPLICATION_JSON).content("{\"order\": 10, \"points\": 42}");
    }
}
